import { defineModule, type Ref, type View } from '../../engine/planning/contracts.ts';
import { type AptParams, aptSchema } from './apt_schema.ts';
import { type Refusal, type Study, study } from './apt_study.ts';
import { aptWish } from './apt_wish.ts';

export const apt = defineModule<AptParams>({
  name: 'apt',
  collection: 'ansible.builtin',
  summary: 'Manages packages with apt',
  description: [
    'A plan shows everything that apt would do, dependencies and conflicts included, because it is asked to simulate it. Applying does exactly that: if apt would by then do more, nothing is done.',
    'What is there in the right version costs one `dpkg-query` for all tasks together. A package that was installed as a dependency is marked as asked for, which counts as a change.',
    'Where `update_cache` is due in the same task, apt chooses versions only after it: the plan then names packages without versions. To see them, renew the lists in a task of its own with `cache_valid_time`.',
    'Services are not restarted by needrestart, maintainer scripts ask nothing, and changed configuration files stay.',
  ],
  schema: aptSchema,
  examples: `- name: Packages
  apt:
    name: [nginx, postgresql=15*]
    state: present

- name: Fresh package lists, if they are older than an hour
  apt:
    update_cache: true
    cache_valid_time: 3600

- name: Everything up to date
  apt:
    upgrade: dist

- name: Away with it, configuration included
  apt:
    name: telnetd
    state: absent
    purge: true
`,
  returns: {
    cache_updated: 'Whether the package lists were renewed.',
    cache_update_time: 'When they had been renewed before, in seconds since 1970; 0 if unknown.',
  },
  looksAt,
  wants: (params, view) => {
    const studied = study(params, (ref) => view.get(ref)) as Study | Refusal;
    if (!('message' in studied)) return aptWish(params, studied);
    return { steps: [], failed: { message: studied.message, parameter: [studied.parameter] } };
  },
});

function looksAt(params: AptParams, view: View): readonly Ref[] {
  const refs: Ref[] = [];
  study(params, (ref) => {
    refs.push(ref as Ref);
    return view.peek(ref);
  });
  return refs;
}
