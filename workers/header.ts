import { parsePackage } from '../src/header/parse.js';
import type { ParseTask } from '../src/header/parser.js';
import { errorsAsData } from '../src/model/task.js';

/** Parses one header package. */
export default errorsAsData(async ({ text, expected }: ParseTask) => parsePackage(text, expected));
