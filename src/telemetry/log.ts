import { type Logger, pino } from 'pino';
import type { Config } from '../config.js';

/** Structured log on stderr: stdout belongs to results. */
export function createLogger(level: Config['logLevel']): Logger {
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, pino.destination({ dest: 2, sync: true }));
}
