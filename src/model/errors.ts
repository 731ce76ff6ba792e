import { ERRORS, type ErrorCode, type RetryRule } from './error-table.js';

export { ERRORS, type ErrorCode, type ErrorRow, type RetryRule, retryWaitMs } from './error-table.js';

/** An error as plain data: an Error subclass loses its class and code in postMessage and IPC. */
export interface ErrorData {
  readonly code: ErrorCode;
  readonly message: string;
  readonly details: Readonly<Record<string, string | number>>;
}

export class ArchiverError extends Error {
  override readonly name = 'ArchiverError';
  readonly code: ErrorCode;
  readonly details: Readonly<Record<string, string | number>>;

  constructor(code: ErrorCode, details: Readonly<Record<string, string | number>> = {}, options?: { cause?: unknown }) {
    super(fill(ERRORS[code].message, details), options);
    this.code = code;
    this.details = details;
  }

  get retry(): RetryRule | null {
    return ERRORS[this.code].retry;
  }

  get retryable(): boolean {
    return this.retry !== null;
  }

  toData(): ErrorData {
    return { code: this.code, message: this.message, details: this.details };
  }
}

/** The error table's row for anything thrown: unknown errors are INTERNAL and keep their text. */
export function asArchiverError(error: unknown): ArchiverError {
  if (error instanceof ArchiverError) return error;
  if (isErrorData(error)) return new ArchiverError(error.code, error.details, { cause: error });
  const problem = error instanceof Error ? error.message : String(error);
  return new ArchiverError('INTERNAL', { problem }, { cause: error });
}

/** Also true for native errors, which carry `code` and `details` on a plain Error, and for errors that crossed a thread as data. */
function isErrorData(value: unknown): value is ErrorData {
  if (typeof value !== 'object' || value === null) return false;
  const { code, details } = value as Partial<ErrorData>;
  return typeof code === 'string' && Object.hasOwn(ERRORS, code) && typeof details === 'object' && details !== null;
}

/** Longer details are cut in the message; `details` holds all of them. */
const MESSAGE_DETAIL = 1000;

/** Details may come from outside: a control character would forge lines of a log, or move the cursor of whoever reads it. */
function printable(text: string): string {
  const cut = text.length > MESSAGE_DETAIL ? `${text.slice(0, MESSAGE_DETAIL)}...` : text;
  return cut.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '?');
}

/** A detail that is empty leaves no gap. */
function fill(template: string, details: Readonly<Record<string, string | number>>): string {
  return template.replace(/ ?\{(\w+)\}/g, (place, name: string) => {
    const value = printable(String(details[name] ?? '?'));
    return value === '' ? '' : `${place.startsWith(' ') ? ' ' : ''}${value}`;
  });
}
