import type { ParamProperty, ParamSchema } from '../../engine/language/module_spec.ts';

export interface ComposeParams {
  readonly project_src: string;
  readonly project_name?: string | null;
  readonly files?: readonly string[] | null;
  readonly env_files?: readonly string[] | null;
  readonly profiles?: readonly string[] | null;
  readonly state: 'present' | 'absent' | 'stopped' | 'restarted';
  readonly services?: readonly string[] | null;
  readonly scale?: Readonly<Record<string, unknown>> | null;
  readonly pull: 'always' | 'missing' | 'never' | 'policy';
  readonly build: 'always' | 'never' | 'policy';
  readonly recreate: 'always' | 'never' | 'auto';
  readonly dependencies: boolean;
  readonly renew_anon_volumes: boolean;
  readonly remove_orphans: boolean;
  readonly remove_volumes: boolean;
  readonly remove_images?: 'all' | 'local' | null;
  readonly timeout?: number | null;
  readonly wait: boolean;
  readonly wait_timeout?: number | null;
}

const texts = (description: string): ParamProperty => ({ type: 'array', items: { type: 'string' }, description });
const flag = (value: boolean, description: string): ParamProperty => ({ type: 'boolean', default: value, description });
const choice = (values: readonly string[], value: string, description: string): ParamProperty => ({
  type: 'string',
  enum: values,
  default: value,
  description,
});

export const composeSchema: ParamSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['project_src'],
  properties: {
    project_src: { type: 'string', format: 'path', description: 'Directory of the project on the host.' },
    project_name: { type: 'string', description: 'Its name. Default: what the files say, or the directory’s.' },
    files: texts('Files, relative to `project_src`. Default: those that compose looks for.'),
    env_files: texts('Files of variables. Default: .env. Version 1 takes one.'),
    profiles: texts('Profiles to turn on.'),
    state: choice(
      ['present', 'absent', 'stopped', 'restarted'],
      'present',
      '`present`: up, and as the files say; `absent`: down; `restarted`: always restarted.',
    ),
    services: texts('Only these. Default: all.'),
    scale: { type: 'object', description: 'Service -> how many containers.' },
    pull: choice(
      ['always', 'missing', 'never', 'policy'],
      'policy',
      'Whether images are pulled before. `always` always counts as a change.',
    ),
    build: choice(['always', 'never', 'policy'], 'policy', 'Whether images are built before. As `pull`.'),
    recreate: choice(
      ['always', 'never', 'auto'],
      'auto',
      '`auto`: containers that are not as the files say are made anew; `never`: they stay; `always`: all are.',
    ),
    dependencies: flag(true, 'Whether services that others depend on come up as well.'),
    renew_anon_volumes: flag(false, 'Make anonymous volumes anew.'),
    remove_orphans: flag(false, 'Remove containers of services that the files do not have (any more).'),
    remove_volumes: flag(false, 'With `absent`: remove the volumes, with what is in them.'),
    remove_images: { type: 'string', enum: ['all', 'local'], description: 'With `absent`: remove the images.' },
    timeout: { type: 'integer', minimum: 0, description: 'Seconds that a container has to stop.' },
    wait: flag(false, 'Wait until all run, and are healthy where they have a health check.'),
    wait_timeout: { type: 'integer', minimum: 1, description: 'Seconds to wait at most. Default: 60 with version 1.' },
  },
};
