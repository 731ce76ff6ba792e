import { refuseRpc, serveRpc } from '../src/assemble/rpc.js';
import { AssemblerService } from '../src/assemble/service.js';
import { openDaq } from '../src/compose.js';
import type { AssemblerConfig } from '../src/config.js';
import { systemClock } from '../src/model/clock.js';
import { loadNative } from '../src/native/binding.js';

/** Entry of the assembler process: native code on outside bytes runs here and in its threads, never in the coordinator. */
async function openService(config: AssemblerConfig): Promise<AssemblerService> {
  const native = loadNative();
  native.configurePool(config.poolBytes);
  return new AssemblerService({ native, config, daq: await openDaq(config.daq), clock: systemClock });
}

// The coordinator is gone, perhaps while this process was starting: nobody is left to acknowledge, and the pixels are still in the DAQ. An orderly
// exit would end threads that may still load their modules, which aborts Node 20; a kill cannot fail, and every file is safe against it.
const abandoned = () => process.kill(process.pid, 'SIGKILL');
process.on('disconnect', abandoned);
if (!process.connected) abandoned();
// A signal that is sent to all processes of a group is for the coordinator: it ends this one when images and seals have ended.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);
openService(JSON.parse(process.argv[2] ?? '{}') as AssemblerConfig).then(serveRpc, refuseRpc);
