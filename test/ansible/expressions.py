"""Evaluates expressions and templates as Ansible does: cases as JSON on stdin, answers as JSON on stdout."""
import collections.abc
import json
import sys
import warnings

warnings.simplefilter('ignore')

import ansible.plugins.loader
from ansible.parsing.dataloader import DataLoader
from ansible.template import AnsibleEnvironment, AnsibleUndefined, Templar, _fail_on_undefined
from ansible.utils.display import Display
from jinja2 import DictLoader, Undefined

Display.warning = Display.deprecated = lambda *args, **kwargs: None


def plain(value):
    """As JSON: tuples, views and ranges as lists, keys as texts."""
    if isinstance(value, AnsibleUndefined):
        str(value)
    if isinstance(value, Undefined):
        return ''
    if isinstance(value, str):
        return str(value)
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, collections.abc.Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, collections.abc.Iterable):
        return [plain(inner) for inner in value]
    raise TypeError('%s is no value' % type(value))


def expression(templar, case):
    compiled = templar.environment.compile_expression(case['expr'], undefined_to_none=False)
    names = {**templar.environment.globals, **case['vars']}
    found = {'value': plain(_fail_on_undefined(compiled(**names)))}
    if case['prints']:
        shown = templar.template('<{{ %s }}>' % case['expr'], convert_data=False, escape_backslashes=False)
        found['text'] = str(shown)[1:-1]
    return found


def template(templar, case):
    """As the action plugin `template` does."""
    templar = templar.copy_with_new_env(environment_class=AnsibleEnvironment, **case['options'])
    templar.environment.loader = DictLoader(case['files'])
    return {'text': str(templar.do_template(case['template'], preserve_trailing_newlines=True, escape_backslashes=False))}


def answer(case):
    templar = Templar(DataLoader(), variables=case['vars'])
    try:
        if 'expr' in case:
            return expression(templar, case)
        if 'template' in case:
            return template(templar, case)
        return {'value': plain(templar.template(case['yaml']))}
    except Exception as error:
        return {'error': '%s: %s' % (type(error).__name__, error)}


getattr(ansible.plugins.loader, 'init_plugin_loader', lambda paths: None)([])
json.dump([answer(case) for case in json.load(sys.stdin)], sys.stdout)
