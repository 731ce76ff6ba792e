import { composeArchiver } from '../../../src/compose.js';
import { loadConfig } from '../../../src/config.js';

/**
 * The whole archiver as `compose.ts` puts it together, with its assembler process, on a folder of captures. Ends with code 0 when every image is
 * complete and staged. Usage: node child.js ROOT CAPTURES CAMERA
 */
const [root = '', folder = '', camera = ''] = process.argv.slice(2);
const states: string[] = [];
const archiver = await composeArchiver(
  loadConfig({ flags: { root, camera, expect: 'image', pool: { megabytes: 64 } } }, {}),
  {
    daq: { kind: 'capture', folder, camera },
    live: false,
    stage: true,
    ends: true,
    report: {
      problem: ({ code, message }) => process.stdout.write(`${JSON.stringify({ problem: code, message })}\n`),
      written: () => undefined,
    },
    onResult: (result) => states.push('row' in result ? result.row.state : result.error.code),
  },
);
await archiver.intake.runOnce(new AbortController().signal);
await archiver.drained();
await archiver.close();
process.exitCode = states.every((state) => state === 'complete') ? 0 : 1;
