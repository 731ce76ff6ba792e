import { join } from 'node:path';
import type { Config } from '../config.js';
import type { DaqAddress } from '../daq/address.js';
import type { DaqSource } from '../daq/port.js';
import type { Crc32 } from '../daq/wire/reader.js';
import type { EventBus } from '../events/port.js';
import type { DirectoryOptions } from '../handoff/directory.js';
import type { NotificationSink } from '../handoff/notification.js';
import type { StagingTarget } from '../handoff/port.js';
import type { HeaderSource } from '../header/port.js';
import type { Timer } from '../model/clock.js';
import type { RedisReports } from '../redis/connection.js';
import type { LedgerThread } from '../stage/ledger/client.js';
import type { EventReader, StageQueue } from '../stage/port.js';
import type { WebOptions, WebServer } from '../web/server.js';

/**
 * Which adapter serves which port. Each is loaded when it is used, so that a worker thread that needs a DAQ connection does not load a database.
 */

/** Opens the DaqSource of an address; every process and thread opens its own. Whoever pulls pixels has the addon's `crc32` to check them with. */
export async function openDaq(address: DaqAddress, crc32?: Crc32): Promise<DaqSource> {
  if (address.kind === 'network') {
    const { NetworkDaqSource } = await import('../daq/network.js');
    return new NetworkDaqSource(address.address, { crc32 });
  }
  if (address.kind === 'memory') {
    const { openSharedImages } = await import('../daq/memory-shared.js');
    return openSharedImages(address.name);
  }
  const { CaptureDaqSource } = await import('../daq/capture.js');
  const { loadCamera } = await import('../camera/load.js');
  return new CaptureDaqSource(address.folder, loadCamera(address.camera));
}

/**
 * Header packages from a folder or from the service at an http URL; undefined when none is configured. Complete: all that will ever be are there.
 * @throws ArchiverError FILE_MISSING, FILE_UNREADABLE, CONFIG_INVALID
 */
export async function openHeaders(
  where: string,
  options: { readonly timer: Timer; readonly isComplete: boolean },
): Promise<HeaderSource | undefined> {
  if (where === '') return undefined;
  if (/^https?:\/\//.test(where)) {
    const { HttpHeaderSource } = await import('../header/http.js');
    return new HttpHeaderSource(where, options);
  }
  const { FileHeaderSource } = await import('../header/file.js');
  return FileHeaderSource.open(where, options);
}

/** The targets that are enabled, in the order in which a file is delivered. */
export async function openTargets(config: Config): Promise<StagingTarget[]> {
  const { OodsTarget } = await import('../handoff/oods.js');
  const { DbbTarget } = await import('../handoff/dbb.js');
  const { Digester } = await import('../handoff/digester.js');
  const { root, oods, dbb, prompt, folderMode } = config;
  const common = { folderMode, quarantine: join(root, 'quarantine') };
  const folder = (own: string | undefined, name: string) => own ?? join(root, name);
  return [
    ...(oods.enabled ? [new OodsTarget({ ...common, root: folder(oods.folder, 'oods'), mode: oods.mode })] : []),
    ...(dbb.enabled
      ? [
          new DbbTarget({
            ...common,
            root: folder(dbb.folder, 'dbb'),
            mode: dbb.mode,
            manifests: join(root, 'manifests'),
            digester: new Digester(),
          }),
        ]
      : []),
    ...(prompt.enabled ? [await openPrompt(config, common)] : []),
  ];
}

async function openPrompt({ root, prompt }: Config, common: Omit<DirectoryOptions, 'root'>): Promise<StagingTarget> {
  const { product, bucket, endpoint, region, accessKeyId, secretAccessKey } = prompt;
  if (prompt.store === 'file') {
    const { PromptFileTarget } = await import('../handoff/prompt-file.js');
    return new PromptFileTarget({ ...common, root: prompt.folder ?? join(root, 'bucket'), product });
  }
  const { PromptS3Target } = await import('../handoff/prompt-s3.js');
  const timeoutMs = prompt.timeoutSeconds * 1000;
  const { quarantine } = common;
  return PromptS3Target.open({
    product,
    bucket,
    endpoint,
    region,
    accessKeyId,
    secretAccessKey,
    timeoutMs,
    quarantine,
  });
}

/**
 * The queue that is configured.
 * @param reports told when a queue on a server is lost and when it is back, having lost what it held perhaps
 * @throws ArchiverError REDIS_UNSAFE
 */
export async function openQueue(config: Config, thread: LedgerThread, reports: RedisReports): Promise<StageQueue> {
  const { queue, redis } = config;
  if (queue === 'embedded') {
    const { EmbeddedQueue } = await import('../stage/embedded-queue.js');
    return new EmbeddedQueue(thread);
  }
  const { BullMqQueue } = await import('../stage/bullmq-queue.js');
  return BullMqQueue.open({ redis, prefix: redis.prefix, reports });
}

/**
 * The event bus that is configured.
 * @param report told what a listener threw
 * @throws ArchiverError REDIS_UNSAFE
 */
export async function openBus(config: Config, report: (error: unknown) => void): Promise<EventBus> {
  const { events, redis } = config;
  if (events.bus === 'local') {
    const { LocalEventBus } = await import('../events/local.js');
    return new LocalEventBus(events.keep, report);
  }
  const { RedisStreamBus } = await import('../events/redis-streams.js');
  const reports = { lost: () => undefined, ready: () => undefined }; // the outbox tells what it could not publish
  return RedisStreamBus.open({ redis, stream: `${redis.prefix}-events`, most: events.keep, reports, report });
}

/**
 * Who is notified of objects, by the name of its reader in the ledger.
 * @throws ArchiverError REDIS_UNSAFE
 */
export async function openNotificationSinks(config: Config): Promise<Map<EventReader, NotificationSink>> {
  const { notify, redis, events } = config;
  const sinks = new Map<EventReader, NotificationSink>();
  const { url, token, timeoutSeconds } = notify.webhook;
  if (url !== undefined) {
    const { Webhook } = await import('../handoff/webhook.js');
    sinks.set('webhook', new Webhook({ url, token, timeoutMs: timeoutSeconds * 1000 }));
  }
  if (notify.stream) {
    const { NotificationStream } = await import('../handoff/notification-stream.js');
    const reports = { lost: () => undefined, ready: () => undefined }; // the outbox tells what could not be notified
    const stream = `${redis.prefix}-notifications`;
    sinks.set('stream', await NotificationStream.open({ redis, stream, most: events.keep, reports }));
  }
  return sinks;
}

/**
 * The web server of `run`; undefined when it is switched off.
 * @throws ArchiverError PORT_IN_USE
 */
export async function openWeb({ web }: Config, answers: Pick<WebOptions, 'archiver'>): Promise<WebServer | undefined> {
  if (!web.enabled) return undefined;
  const { startWeb } = await import('../web/server.js');
  return startWeb({ host: web.host, port: web.port, ...answers });
}
