import { count } from '../../engine/language/count.ts';
import { defineCheck, evidence, type Finding } from '../../engine/planning/finding.ts';
import { fnmatch } from '../../engine/resources/fnmatch.ts';
import { worst } from './level.ts';
import { CUT, LOOSE_PROPERTIES, type LooseParams, looseOf } from './loose_params.ts';

export const check_world_writable = defineCheck<LooseParams>({
  name: 'check_world_writable',
  collection: 'runbook',
  summary: 'Fails where everybody may write a file, or remove another’s',
  description: [
    'Finds files on all disks of the host that everybody may write, and directories that everybody may write and that are not sticky (as `/tmp` is).',
  ],
  schema: { type: 'object', additionalProperties: false, properties: LOOSE_PROPERTIES },
  examples: `- name: World-writable files
  check_world_writable:
    allow: [/var/spool/drop/*]
`,
  looksAt: (params) => [looseOf(params)],
  judge: (params, view): Finding => {
    const value = view.get(looseOf(params));
    if (value === null) return { level: 'fail', summary: 'there is nothing to see' };
    const bad = value.writable.filter(({ path }) => !params.allow.some((pattern) => fnmatch(path, pattern)));
    const files = bad.filter(({ kind }) => kind === 'file').length;
    const told =
      bad.length === 0
        ? 'nothing that everybody may write'
        : `${count(files, 'file')} and ${count(bad.length - files, 'directory', 'directories')} that everybody may write`;
    return {
      level: worst([bad.length > 0 ? 'fail' : 'pass', value.cut ? 'warn' : 'pass']),
      summary: value.cut ? `${told}; ${CUT}` : told,
      evidence: evidence(
        ['path', 'kind', 'mode', 'owner'],
        bad.map(({ path, kind, mode, owner }) => [path, kind, mode.toString(8), owner]),
      ),
      remedy:
        'Take the permission away (`chmod o-w`), make a shared directory sticky (`chmod +t`), or add it to `allow`.',
      reference: 'CIS Debian Linux 12, 7.1.11',
      measures: [{ name: 'world-writable paths', value: bad.length, unit: 'count' }],
    };
  },
});
