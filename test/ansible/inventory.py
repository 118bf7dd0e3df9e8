"""Reads inventories with Ansible's own code: cases as JSON on stdin, what Ansible made of each on stdout."""

import json
import sys

from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader
from ansible.plugins import loader as plugins
from ansible.vars.manager import VariableManager

MAGIC = {
    'ansible_check_mode', 'ansible_config_file', 'ansible_diff_mode', 'ansible_facts', 'ansible_forks',
    'ansible_inventory_sources', 'ansible_limit', 'ansible_local', 'ansible_playbook_python', 'ansible_run_tags',
    'ansible_skip_tags', 'ansible_verbosity', 'ansible_version', 'omit', 'playbook_dir',
}


def read(case):
    loader = DataLoader()
    inventory = InventoryManager(loader=loader, sources=case['sources'])
    variables = VariableManager(loader=loader, inventory=inventory)
    if case.get('playbookDir'):
        loader.set_basedir(case['playbookDir'])
        variables.safe_basedir = True
    hosts = [inventory.get_host(name) for name in inventory.hosts] + [inventory.localhost]
    return {
        'hosts': list(inventory.hosts),
        'groups': {name: [host.name for host in group.get_hosts()] for name, group in inventory.groups.items()},
        'children': {name: [c.name for c in group.child_groups] for name, group in inventory.groups.items()},
        'variables': {host.name: plain(variables.get_vars(host=host, include_hostvars=False, stage='all'))
                      for host in hosts},
        'patterns': {pattern: select(inventory, pattern) for pattern in case.get('patterns', [])},
    }


def plain(variables):
    own = {name: value for name, value in variables.items() if name not in MAGIC}
    # Of a host list Ansible writes the word 'None', and means none.
    if own.get('inventory_dir') == 'None':
        own['inventory_dir'] = None
    return own


def select(inventory, pattern):
    try:
        return [host.name for host in inventory.get_hosts(pattern)]
    except Exception as problem:
        return 'error: %s' % problem


if hasattr(plugins, 'init_plugin_loader'):
    plugins.init_plugin_loader()
json.dump([read(case) for case in json.load(sys.stdin)], sys.stdout, default=str)
