import { count } from '../../engine/language/count.ts';
import { defineCheck, evidence, type Finding } from '../../engine/planning/finding.ts';
import { fnmatch } from '../../engine/resources/fnmatch.ts';
import type { LooseFilesValue } from '../../engine/resources/readings/loose_files.ts';
import { type Level, worst, worstRows } from './level.ts';
import { CUT, LOOSE_PROPERTIES, type LooseParams, looseOf } from './loose_params.ts';

/** Programs that Debian and Ubuntu ship SUID or SGID: dpkg knows of every file whose it is, and not of its mode. */
const SHIPPED = new Set(
  `at authopen bsd-write chage chfn chrome-sandbox chsh crontab dbus-daemon-launch-helper doas dotlockfile exim4 expiry
  fusermount fusermount3 gpasswd lxc-user-nic mlocate mount mount.cifs mount.ecryptfs_private mount.nfs newgidmap newgrp
  newuidmap ntfs-3g passwd ping pkexec plocate polkit-agent-helper-1 postdrop postqueue pppd procmail screen
  snap-confine ssh-agent ssh-keysign staprun su sudo traceroute6.iputils umount unix_chkpwd utempter wall write
  write.ul Xorg.wrap`.split(/\s+/),
);

export const check_suid = defineCheck<LooseParams>({
  name: 'check_suid',
  collection: 'runbook',
  summary: 'Fails where a program that no package brought runs with another’s rights',
  description: [
    'Finds SUID and SGID files on all disks of the host. One that dpkg does not know fails. One that a package has, and that Debian does not ship so, warns: somebody has given `bash` the bit.',
  ],
  schema: { type: 'object', additionalProperties: false, properties: LOOSE_PROPERTIES },
  examples: `- name: SUID files
  check_suid:
    allow: [/opt/app/bin/helper]
`,
  looksAt: (params) => [looseOf(params)],
  judge: (params, view): Finding => {
    const value = view.get(looseOf(params));
    if (value === null) return { level: 'fail', summary: 'there is nothing to see' };
    const rows = value.privileged
      .filter(({ path }) => !params.allow.some((pattern) => fnmatch(path, pattern)))
      .map((file) => ({ ...file, ...judgeFile(file) }));
    const bad = worstRows(rows).filter(({ level }) => level !== 'pass');
    const told = bad.length === 0 ? `${count(value.privileged.length, 'SUID or SGID file')}, all of them known` : '';
    const cut = value.cut ? CUT : '';
    return {
      level: worst([...rows.map(({ level }) => level), value.cut ? 'warn' : 'pass']),
      summary: [told || `${count(bad.length, 'SUID or SGID file')} that should not be: ${bad[0]?.path}`, cut]
        .filter((text) => text !== '')
        .join('; '),
      evidence: evidence(
        ['file', 'mode', 'owner', 'what'],
        worstRows(rows).map(({ path, mode, owner, what }) => [path, mode.toString(8), owner, what]),
      ),
      remedy: 'Take the bit away (`chmod u-s,g-s FILE`), remove the file, or add it to `allow`.',
      reference: 'CIS Debian Linux 12, 7.1.13',
      measures: [{ name: 'SUID and SGID files', value: value.privileged.length, unit: 'count' }],
    };
  },
});

function judgeFile(file: LooseFilesValue['privileged'][number]): { readonly level: Level; readonly what: string } {
  if (!file.packaged) return { level: 'fail', what: 'no package has it' };
  const name = file.path.slice(file.path.lastIndexOf('/') + 1);
  return SHIPPED.has(name) ? { level: 'pass', what: '' } : { level: 'warn', what: 'its package does not ship it so' };
}
