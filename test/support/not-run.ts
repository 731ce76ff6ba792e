import { describe } from 'vitest';

/**
 * A group of tests that needs something which may be absent. Without it the group is skipped and its title says why; `npm test` lists
 * these titles at its end as "not run".
 * @param missing why the group cannot run, e.g. "fitsverify not found"; undefined when it can
 */
export function describeUnless(missing: string | undefined, title: string, body: () => void): void {
  if (missing === undefined) describe(title, body);
  else describe.skip(`${title} (not run: ${missing})`, body);
}
