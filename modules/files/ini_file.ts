import { defineModule } from '../../engine/planning/contracts.ts';
import { ATTRIBUTES } from './attributes.ts';
import { asBytes, EDIT_PARAMETERS, type EditParams, looksAtEdited, openFile, wishEdited } from './edited_text.ts';
import { type Failure, failedWish, isFailure } from './failure.ts';
import { editIni } from './ini_edit.ts';

interface IniFileParams extends EditParams {
  readonly section?: string;
  readonly option?: string;
  readonly value?: string;
  readonly values?: readonly string[];
  readonly state: 'present' | 'absent';
  readonly exclusive: boolean;
  readonly allow_no_value: boolean;
  readonly no_extra_spaces: boolean;
  readonly modify_inactive_option: boolean;
  readonly create: boolean;
}

export const ini_file = defineModule<IniFileParams>({
  name: 'ini_file',
  collection: 'community.general',
  summary: 'Sets options in the sections of an INI file',
  description: [
    'The rest of the file stays as it is, comments and order too.',
    'Links are followed. The new file takes the place of the old one at once, with its owner, mode, ACLs and extended attributes.',
  ],
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['path'],
    mutuallyExclusive: [['value', 'values']],
    properties: {
      path: { type: 'string', format: 'path', aliases: ['dest'], description: 'The file.' },
      section: { type: 'string', description: 'The section. Without it: the options before the first section.' },
      option: { type: 'string', description: 'The option. Without it, `state: absent` removes the whole section.' },
      value: { type: 'string', description: 'Its value.' },
      values: {
        type: 'array',
        items: { type: 'string' },
        description: 'Its values, where an option stands several times, a line for each.',
      },
      state: {
        type: 'string',
        enum: ['present', 'absent'],
        default: 'present',
        description: 'Whether the option, or the section, is to be there.',
      },
      exclusive: {
        type: 'boolean',
        default: true,
        description: 'The option has these values and no others. Without it, other lines of the option stay.',
      },
      allow_no_value: { type: 'boolean', default: false, description: 'An option may stand without `=` and a value.' },
      no_extra_spaces: { type: 'boolean', default: false, description: 'Write `a=b` and not `a = b`.' },
      modify_inactive_option: {
        type: 'boolean',
        default: true,
        description: 'Where the option is commented out, put it in that place.',
      },
      create: { type: 'boolean', default: true, description: 'Make the file, and directories above it, if missing.' },
      backup: EDIT_PARAMETERS.backup as NonNullable<typeof EDIT_PARAMETERS.backup>,
      ...ATTRIBUTES,
    },
  },
  examples: `- name: Ban for an hour
  ini_file:
    path: /etc/fail2ban/jail.local
    section: sshd
    option: bantime
    value: "3600"
    mode: "0644"
`,
  returns: {
    msg: '`option added`, `option changed`, `section removed`, ..., or `OK`.',
    path: 'Path of the file.',
    backup_file: 'Path of the copy of the old file, if there is one.',
  },
  looksAt: looksAtEdited,
  wants: (params, view) => {
    const wrong = wrongWith(params);
    if (wrong !== undefined) return failedWish(wrong);
    const opened = openFile(params, view);
    if (isFailure(opened)) return failedWish(opened);
    const values = params.value === undefined ? (params.values ?? []) : [params.value];
    const { text, message } = editIni(opened.bytes, {
      section: params.section === undefined || params.section === '' ? undefined : asBytes(params.section),
      option: params.option === undefined || params.option === '' ? undefined : asBytes(params.option),
      values: [...new Set(values)].map(asBytes),
      state: params.state,
      exclusive: params.exclusive,
      allowNoValue: params.allow_no_value,
      noExtraSpaces: params.no_extra_spaces,
      modifyInactive: params.modify_inactive_option,
    });
    if (opened.before === null && text === '') return { steps: [], result: { msg: message, path: params.path } };
    return wishEdited(params, view, opened, { bytes: text, message }, ({ backup }) => ({
      msg: message,
      path: params.path,
      ...(backup !== undefined && { backup_file: backup }),
    }));
  },
});

function wrongWith({ section, option, value, values, state, allow_no_value }: IniFileParams): Failure | undefined {
  const texts = { section, option, value };
  for (const [parameter, text] of Object.entries(texts)) {
    if (text !== undefined && /[\r\n]/.test(text))
      return { failed: `${parameter} cannot have a line break`, parameter };
  }
  if (values?.some((one) => /[\r\n]/.test(one)))
    return { failed: 'values cannot have line breaks', parameter: 'values' };
  if (
    state === 'present' &&
    option !== undefined &&
    !allow_no_value &&
    value === undefined &&
    (values ?? []).length === 0
  ) {
    const failed = 'state: present needs value or values, or allow_no_value: true';
    return { failed, parameter: 'value' };
  }
  return undefined;
}
