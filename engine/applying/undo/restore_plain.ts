import { type ResourceType, set } from '../../planning/contracts.ts';
import { type CrontabValue, crontabType } from '../../resources/crontab.ts';
import { type DebconfValue, debconfType } from '../../resources/debconf.ts';
import { type GroupValue, groupType } from '../../resources/group.ts';
import { type HostnameValue, hostnameType } from '../../resources/hostname.ts';
import { type SysctlValue, sysctlPath, sysctlType } from '../../resources/sysctl.ts';
import { UFW_LOGGING, type UfwValue, ufwType } from '../../resources/ufw.ts';
import { unitType } from '../../resources/unit.ts';
import { isUnitName, splitUnitId } from '../../resources/unit_name.ts';
import type { UnitValue } from '../../resources/unit_value.ts';
import { eachBack, NOTHING, type Restorable } from './restorable.ts';
import { type Check, isCount, isFlag, isText, isTextList, matching, shaped } from './shape.ts';

/** Kinds whose value is all there is to know: it is set back. */
export function plain<V>(
  type: ResourceType<V>,
  isId: (id: string) => boolean,
  required: Readonly<Record<string, Check>>,
  optional: Readonly<Record<string, Check>> = {},
): Restorable<V> {
  return {
    type,
    isId,
    read: (value) => shaped(value, required, optional) as V | undefined,
    back: (changes, undoing) =>
      eachBack(
        changes,
        undoing,
        ({ before }) => before,
        ({ ref, before }) => ({ ...NOTHING, steps: [set(ref, before) as never] }),
      ),
  };
}

export const restoreGroup = plain<GroupValue>(groupType, isText, { name: isText }, { gid: isCount, local: isFlag });
export const restoreCrontab = plain<CrontabValue>(crontabType, isText, { text: isText });
export const restoreSysctl = plain<SysctlValue>(sysctlType, (id) => sysctlPath(id) !== undefined, { value: isText });

const policy = matching(/^(allow|deny|reject)$/);
const logging = matching(new RegExp(`^(${UFW_LOGGING.join('|')})$`));

export const restoreUfw = plain<UfwValue>(ufwType, (id) => id === 'firewall', {
  ...{ enabled: isFlag, active: isFlag, ipv6: isFlag, rules: isTextList, rules6: isTextList },
  ...{ incoming: policy, outgoing: policy, routed: policy, logging },
});

export const restoreHostname = plain<HostnameValue>(hostnameType, (id) => id === 'running', { name: isText });
export const restoreDebconf = plain<DebconfValue>(
  debconfType,
  (id) => /^[^\s-]\S* [^\s-]\S*$/.test(id),
  { value: isText, vtype: isText },
  { seen: isFlag },
);

export const restoreUnit = plain<UnitValue>(
  unitType,
  (id) => isUnitName(splitUnitId(id).name),
  {
    ...{ name: isText, load: isText, active: isText, sub: isText, masked: isFlag, canReload: isFlag },
    ...{ type: isText, once: isFlag, stale: isFlag },
  },
  { problem: isText, enabled: isFlag, file: isText, path: isText, script: isFlag, hollow: isFlag },
);
