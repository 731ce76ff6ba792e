import { errorsAsData } from '../src/assemble/task.js';
import { parsePackage } from '../src/header/parse.js';
import type { ParseTask } from '../src/header/parser.js';

/** Parses one header package. */
export default errorsAsData(async ({ text, expected }: ParseTask) => parsePackage(text, expected));
