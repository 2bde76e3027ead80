"""How Jupyter's manager of a kernel gets one that is forked."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

from jupyter_client.manager import KernelManager
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from segcore.forking import Parent


class ForkProvisioner(LocalProvisioner):
    """Asks the process that forks, where Jupyter would start a command."""

    parent_process: Parent
    log_file: Path

    @classmethod
    def of(cls, manager: KernelManager, parent: Parent, log: Path) -> ForkProvisioner:
        """One for a manager whose kernel was not started yet."""
        made = cls(parent=manager, kernel_id=str(uuid.uuid4()), kernel_spec=manager.kernel_spec)
        made.parent_process, made.log_file = parent, log
        return made

    async def launch_kernel(self, cmd: list[str], **options: Any) -> Any:
        """Fork a kernel where the command would have started one."""
        argv = cmd[cmd.index("-f") - 1 :]
        process = self.parent_process.fork(argv, cwd=options["cwd"], env=options["env"], log=self.log_file)
        self.process = process  # type: ignore[assignment]
        self.pid = self.pgid = process.pid
        return self.connection_info
