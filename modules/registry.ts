import type { ModuleTable } from '../engine/language/module_spec.ts';
import type { AnyModule } from '../engine/planning/contracts.ts';
import { group } from './users/group.ts';
import { user } from './users/user.ts';

const all: readonly AnyModule[] = [group, user];

const byName = new Map<string, AnyModule>(
  all.flatMap((module) =>
    [module.name, ...(module.aliases ?? [])].flatMap((name): [string, AnyModule][] => [
      [name, module],
      [`${module.collection}.${name}`, module],
    ]),
  ),
);

/** All modules there are. */
export const modules: ModuleTable<AnyModule> = {
  find: (name) => byName.get(name),
  all: () => all,
};
