import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { describeOracle, describePython, oracle, runOracle } from './oracles.js';
import { describeReal, realData } from './real-data.js';
import { tempDir } from './temp.js';

describe('a temporary folder', () => {
  let used = '';

  it('is empty and writable while its test runs', () => {
    used = tempDir();
    writeFileSync(join(used, 'file'), 'x');
    expect(existsSync(join(used, 'file'))).toBe(true);
  });

  it('is gone after its test', () => {
    expect(used).not.toBe('');
    expect(existsSync(used)).toBe(false);
  });
});

describeOracle('fitsverify', 'the oracles', (fitsverify) => {
  it('fail on a file that is no FITS, so a pass of theirs means something', () => {
    const file = join(tempDir(), 'no.fits');
    writeFileSync(file, 'no FITS at all');
    expect(runOracle(fitsverify, [file]).status).not.toBe(0);
    const funpack = oracle('funpack');
    if (funpack !== undefined) expect(runOracle(funpack, [file]).status).not.toBe(0);
  });
});

describePython('astropy', 'the astropy oracle', (python) => {
  it('runs', () => {
    const { status, stdout } = runOracle({ command: python, env: {} }, [
      '-c',
      'import astropy.io.fits as f; print(f.Card("A", 1))',
    ]);
    expect({ status, stdout: stdout.trim() }).toEqual({ status: 0, stdout: 'A       =                    1' });
  });
});

describeReal('real data', ['README.md'], () => {
  it('is read in place', () => {
    expect(existsSync(realData('fits'))).toBe(true);
  });
});
