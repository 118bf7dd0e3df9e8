"""Runs Ansible's own modules on this machine, without a playbook around them: a list of [module, args] on stdin,
a list of what they told on stdout."""

import importlib
import io
import json
import os
import sys
import tempfile

from ansible.module_utils import basic


def full(name):
    """`community.general.ini_file` is a module of a collection."""
    if "." not in name:
        return "ansible.modules." + name
    namespace, collection, module = name.split(".")
    return f"ansible_collections.{namespace}.{collection}.plugins.modules.{module}"


def run(name, args):
    """In a process of its own, since a module ends by exiting."""
    out = tempfile.TemporaryFile()
    child = os.fork()
    if child == 0:
        os.dup2(out.fileno(), 1)
        sys.stdout = io.TextIOWrapper(os.fdopen(1, "wb"), encoding="utf-8")
        basic._ANSIBLE_ARGS = json.dumps({"ANSIBLE_MODULE_ARGS": args}).encode("utf-8")
        sys.excepthook = lambda *_: None
        status = 0
        try:
            importlib.import_module(full(name)).main()
        except SystemExit:
            pass
        except Exception as error:
            # The file module tells some of its failures by exceptions that carry their result.
            told = dict(getattr(error, "results", {"msg": repr(error)}), failed=True)
            print("\n" + json.dumps(told))
        sys.stdout.flush()
        os._exit(status)
    os.waitpid(child, 0)
    out.seek(0)
    lines = [line for line in out.read().decode("utf-8", "replace").splitlines() if line.startswith("{")]
    return json.loads(lines[-1]) if lines else {"failed": True, "msg": "it told nothing"}


os.umask(0o022)
calls = json.load(sys.stdin)
for needed in {name for name, _ in calls}:
    importlib.import_module(full(needed))
json.dump([run(name, args) for name, args in calls], sys.stdout)
