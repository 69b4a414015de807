"""One run of the load generator against one server."""

import json
import re
import subprocess

import servers

LOAD_CPU = "1"
RUN_SECONDS_MAX = 60

# Mosquitto delivers so slowly that the window of the others would take it many seconds to empty.
WINDOWS = {"mosquitto": "--window=100"}


def load_command(work, server, binaries, seconds):
    command = [*servers.priority(server.undisturbed), binaries["load"], work.scenario,
               f"--protocol={server.protocol}", f"--transport={server.transport}",
               f"--address={server.address}", *server.load_flags,
               f"--server_pid={server.pid}", f"--cpu={LOAD_CPU}", "--json"]
    if not any(flag.startswith("--seconds") for flag in work.flags):
        command.append(f"--seconds={seconds}")
    if (server.name in WINDOWS and work.scenario == "fan_out"
            and not any(f.startswith("--window") for f in work.flags)):
        command.append(WINDOWS[server.name])
    return command + list(work.flags)


def run_once(work, kind, binaries, seconds, folder):
    """The generator's figures; {"valid": False, ...} when there are none."""
    try:
        with kind(folder, binaries, work.undisturbed) as server:
            done = subprocess.run(load_command(work, server, binaries, seconds),
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                  timeout=RUN_SECONDS_MAX, check=False)
    except (subprocess.TimeoutExpired, RuntimeError) as error:
        return {"valid": False, "invalid": re.sub(r"\[.*\]", "", str(error))}
    if not done.stdout:
        return {"valid": False, "invalid": done.stderr.strip()}
    result = json.loads(done.stdout)
    if done.returncode != 0:
        result["valid"] = False
    return result
