/** When a call is made again that may succeed later without a change by a person. */
export interface RetryRule {
  /** Wait before the second try in milliseconds; each further wait is twice as long, up to `mostMs`. */
  readonly firstMs: number;
  readonly mostMs: number;
  /** Tries of one input, whatever code of this rule ends them; null: until the deadline of whoever calls. */
  readonly tries: number | null;
  /** Whether the disk of the data root may be the cause: it is proved, and while it takes nothing deadlines stand still. */
  readonly disk: boolean;
}

const PASSING: RetryRule = { firstMs: 50, mostMs: 2000, tries: null, disk: false };
const STORAGE: RetryRule = { firstMs: 100, mostMs: 4000, tries: null, disk: true };
/** An input that ends the assembler process twice is set aside. */
const CRASH: RetryRule = { firstMs: 50, mostMs: 2000, tries: 2, disk: false };

/** One row of the error table: everything that a caller, an operator or a supervisor may decide by. */
export interface ErrorRow {
  /** `{name}` is replaced by the detail of that name. One sentence: what is wrong, the value, what to do. */
  readonly message: string;
  /** null: the same call fails again. */
  readonly retry: RetryRule | null;
  /** Exit code of a command that ends with this error: 2 usage or configuration, 3 bad input, 4 storage, 5 DAQ or network, 6 integrity, 70 defect. */
  readonly exit: 2 | 3 | 4 | 5 | 6 | 70;
  /** statusCode of imageRetrievalForArchiving when this error fails a CCD: 5610 header, 5611 pixels or format, 5612 transfer. */
  readonly status: 5610 | 5611 | 5612;
}

const row = (
  message: string,
  exit: ErrorRow['exit'],
  status: ErrorRow['status'] = 5611,
  retry: RetryRule | null = null,
): ErrorRow => ({ message, retry, exit, status });

/**
 * The error table. Codes never change their meaning; docs/errors.md and the ErrorCode type are tested equal to it.
 */
export const ERRORS = {
  USAGE: row('{problem}; see `ccarchiver {command} --help`', 2),
  CONFIG_INVALID: row('Configuration {where} is not valid: {problem}; correct it or leave it out', 2),
  CAMERA_UNKNOWN: row('No camera named "{camera}"; choose one of {known}', 2),
  CAMERA_DATA_INVALID: row('Camera data {file} is not valid: {problem}; correct the file', 2),
  LOCATION_UNKNOWN: row(
    '"{location}" is no location of this camera; give a raft, sensor or REB that its camera data lists',
    3,
  ),
  IMAGE_NAME_INVALID: row(
    'Image name "{name}" does not follow <CC>_<controller>_<yyyymmdd>_<6 digits>; rename the image at its source',
    3,
  ),
  IMAGE_NAME_REUSED: row(
    'Image name {name} is taken by {known} and cannot be used for {other}; rename the image at its source',
    3,
  ),
  PORT_IN_USE: row('Address {address} is in use; stop the other program or choose another port', 2, 5612),
  ROOT_LOCKED: row('Data root {root} is in use by process {pid}; stop it or choose another --root', 2),
  FOLDER_UNWRITABLE: row(
    'Folder {path} cannot be written ({reason}); make it writable or choose another',
    4,
    5612,
    STORAGE,
  ),
  FILE_UNREADABLE: row('File {path} cannot be read ({reason}); check the path and its permissions', 3),
  READ_FAILED: row(
    'File {path} cannot be read now ({reason}); it is tried again, check the disk or the file server',
    4,
    5612,
    STORAGE,
  ),
  DESCRIPTORS_EXHAUSTED: row(
    'File {path} cannot be opened while so many others are ({reason}); it is tried again, raise the limit (`ulimit -n`)',
    4,
    5612,
    PASSING,
  ),
  FILE_LIMIT: row('Only {actual} files may be open at once, {needed} are needed; raise the limit (`ulimit -n`)', 2),
  FILE_MISSING: row('File {path} does not exist; check the path', 3),
  DISK_FULL: row('No space left below {path}; free space, the archiver resumes by itself', 4, 5612, STORAGE),
  WRITE_FAILED: row(
    'Writing {path} failed ({reason}); the file was not published and will be written again',
    4,
    5612,
    STORAGE,
  ),
  SIZE_MISMATCH: row('{path} holds {actual} bytes but {expected} are recorded; restore it from another copy', 6, 5612),
  FILE_CONFLICT: row('{path} exists with other content; ours was set aside as {aside}, compare the two', 6, 5612),
  DIGEST_MISMATCH: row('{path} has digest {actual} but {expected} is recorded; restore it from another copy', 6, 5612),
  DAQ_UNREACHABLE: row(
    'DAQ at {address} cannot be reached ({reason}); start it or correct the address',
    5,
    5612,
    PASSING,
  ),
  DAQ_DISCONNECTED: row(
    'Connection to the DAQ at {address} was lost ({reason}); it will be opened again',
    5,
    5612,
    PASSING,
  ),
  DAQ_PROTOCOL: row('DAQ protocol violation: {problem}; both sides must speak version 1', 5, 5612),
  DAQ_INVALID_REQUEST: row('DAQ error 64 invalid request: {problem}; correct the request', 5),
  DAQ_NO_IMAGE: row('DAQ error 65: no image {image}; list the folder for what exists', 5),
  DAQ_NO_SOURCE: row('DAQ error 66: image {image} has no source {location}; the REB did not take part', 5),
  DAQ_NO_SPACE: row('DAQ error 67: the store has no space left for {image}; purge old images', 5, 5612, PASSING),
  DAQ_TIMEOUT: row('DAQ error 68: no answer for {what} within {seconds} s; it will be asked again', 5, 5612, PASSING),
  DAQ_NO_DATA: row(
    'DAQ error 69: bytes {offset}+{length} of {location} in {image} have not landed; wait for them',
    5,
    5611,
    PASSING,
  ),
  SOURCE_CRC: row(
    'CRC-32 of source {location} in {image} is {actual} however often it is read, the DAQ says {expected}; the CCDs of this REB are incomplete',
    6,
  ),
  SOURCE_TRUNCATED: row(
    'Source {location} in {image} ended at {bytes} of {expected} bytes; the CCDs of this REB are incomplete',
    6,
  ),
  SOURCE_EMPTY: row('Source {location} in {image} holds no data; the CCDs of this REB are incomplete', 6),
  SOURCE_DEADLINE: row('Source {location} in {image} was not complete within {seconds} s of the end of readout', 5),
  GEOMETRY_MISMATCH: row(
    'Source {location} says {actual} but the camera data gives {expected}; correct one of them',
    3,
  ),
  CAPTURE_INVALID: row('Capture {path} is not valid: {problem}; capture it again', 3),
  CAPTURE_LENGTH: row(
    'Capture {path} holds {actual} bytes, {expected} are needed for its geometry; capture it again',
    3,
  ),
  CAPTURE_FLAG_NEEDED: row('{what} of {path} cannot be told from the file; give {flag}', 2),
  HEADER_MISSING: row(
    'No header package for {obsid} within {seconds} s; the image is archived with what is known',
    5,
    5610,
    PASSING,
  ),
  HEADER_INVALID: row(
    'Header package {where} is not valid: {problem}; have the header service write it again',
    3,
    5610,
  ),
  HEADER_SECTION_MISSING: row(
    'Header package of {obsid} has no section {section}; the header of this CCD is partial',
    3,
    5610,
  ),
  HEADER_WRONG_IMAGE: row('Header package {where} is for {actual}, not for {expected}; it was not used', 3, 5610),
  HEADER_VALUE: row('Value of {keyword} cannot be written as a FITS card: {problem}', 3, 5610),
  FITS_INVALID: row('{path} is not a valid FITS file: {problem}', 6),
  FITS_CHECKSUM: row(
    '{path} HDU {hdu}: {keyword} does not agree with its bytes; restore the file from another copy',
    6,
  ),
  FITS_UNSUPPORTED: row(
    '{path} cannot be decoded here: {problem}; the file itself may be sound, use a program that knows this form',
    3,
  ),
  SIDECAR_MISMATCH: row('{path} and its sidecar {sidecar} disagree: {problem}; write the sidecar again', 6),
  RICE_INVALID: row('Compressed tile {tile} is damaged: {problem}; restore the file from another copy', 6),
  IMAGE_INCOMPLETE: row('Image {obsid} is incomplete: {problem}', 6),
  IMAGE_DEADLINE: row('Image {obsid} did not reach its end within {seconds} s', 5),
  METADATA_GONE: row('What {file} was made of is no longer in the ledger; restore it from another copy', 6),
  RECEIPT_OVERDUE: row(
    '{actual} files wait for a receipt of the Data Backbone for more than {seconds} s, the first is {path}; see why nobody takes them',
    5,
    5612,
  ),
  VISIT_INCOMPLETE: row(
    'Visit {name} was announced, and {actual} detectors did not come within {seconds} s: {problem}; see their images',
    5,
    5612,
  ),
  LEDGER_INVALID: row('Ledger {path} cannot be used: {problem}', 4),
  REDIS_UNREACHABLE: row(
    'Redis at {address} cannot be reached ({reason}); archiving goes on, staging waits until it is back',
    5,
    5612,
    PASSING,
  ),
  STORE_FAILED: row(
    '{path} could not be put into bucket {where} ({reason}); it is tried again, other targets do not wait for it',
    5,
    5612,
    PASSING,
  ),
  NOTIFICATION_FAILED: row(
    'Notification to {address} failed ({reason}); it is repeated until it is taken, files are at their places',
    5,
    5612,
    PASSING,
  ),
  REDIS_UNSAFE: row(
    'Redis at {address} has {setting} {actual} and may lose jobs; set {setting} to {needed} or choose another server',
    2,
    5612,
  ),
  POOL_EXHAUSTED: row(
    'The pixel pool of {bytes} bytes is in use; the archiver waits for images in flight',
    4,
    5612,
    PASSING,
  ),
  POOL_TOO_SMALL: row(
    'Source {location} in {image} does not fit a pixel pool of {bytes} bytes, even alone; raise pool.megabytes',
    4,
  ),
  NATIVE_HANDLE: row('Handle {handle} is not open; it was dropped or never opened', 70),
  NATIVE_ARGUMENT: row('Native call refused: {problem}', 70),
  ADDON_MISSING: row('The native addon {path} cannot be loaded ({reason}); run `npm run build`', 2),
  ASSEMBLER_DIED: row('The assembler process ended ({reason}); images in flight are read again', 70, 5612, CRASH),
  ASSEMBLER_HUNG: row(
    'The assembler process was killed because {reason}; images in flight are read again',
    70,
    5612,
    CRASH,
  ),
  PIXELS_LOST: row(
    'The pixels of source {location} in {image} ended with an earlier assembler process; they are read again',
    70,
    5612,
    PASSING,
  ),
  ARCHIVER_UNREACHABLE: row(
    'No archiver answers at {address} ({reason}); start `ccarchiver run`, or give the web.port that it has',
    5,
    5612,
    PASSING,
  ),
  TOOL_MISSING: row('{tool} is needed for this and was not found; install the package {package}', 2),
  INTERNAL: row('Defect: {problem}; please report it', 70),
} as const satisfies Record<string, ErrorRow>;

export type ErrorCode = keyof typeof ERRORS;

/** Wait after so many failed tries, by their rule. @param failed at least 1 */
export function retryWaitMs({ firstMs, mostMs }: RetryRule, failed: number): number {
  return Math.min(firstMs * 2 ** (failed - 1), mostMs);
}
