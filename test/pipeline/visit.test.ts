import { expect, it } from 'vitest';
import { NO_HEADER } from '../../src/model/header-package.js';
import { exposureFacts } from '../../src/pipeline/exposure.js';
import { visitOf } from '../../src/pipeline/visit.js';

const exposure = { ...exposureFacts([]), groupId: null, curIndex: null };
const record = (keyword: string, text: string) => ({
  ...{ section: 'PRIMARY', keyword, comment: '' },
  value: { text, quoted: true },
});
const header = (group: string, index: string) => ({
  ...NO_HEADER,
  primary: [record('GROUPID', group), record('CURINDEX', index)],
});

it('The visit of a file is what the camera says, else what the header package says, so that prompt processing finds it', () => {
  expect(visitOf({ exposure, header: header('G', '2') })).toEqual({ groupId: 'G', curIndex: 2 });
  const told = { ...exposure, groupId: 'C', curIndex: 1 };
  expect(visitOf({ exposure: told, header: header('G', '2') })).toEqual({ groupId: 'C', curIndex: 1 });
});

it('An empty group and an index that is no number are no visit', () => {
  expect(visitOf({ exposure, header: header('', 'x') })).toEqual({ groupId: null, curIndex: null });
  expect(visitOf({ exposure, header: NO_HEADER })).toEqual({ groupId: null, curIndex: null });
});
