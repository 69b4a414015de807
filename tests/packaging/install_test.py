#!/usr/bin/python3
"""The package as an administrator has it: installed, started, used, reloaded, upgraded, removed and
purged, in a namespace whose files lie over those of this machine and are gone with it.

systemd does not run there: the commands of the unit are run as it would run them, by the same user.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest

INSIDE = "--inside"
DEB = os.path.abspath("tools/package/esockets.deb")
UNIT = "/lib/systemd/system/esockets.service"
CONFIG = "/etc/esockets/broker.textproto"

# The mounts of the namespace: a layer over the root, and what programs need besides.
SETUP = """
set -e
mount --make-rprivate /
mount -t tmpfs tmpfs "$1"
mkdir "$1/upper" "$1/work" "$1/new"
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" "$1/new"
mount -t proc proc "$1/new/proc"
mount --rbind /dev "$1/new/dev"
mount -t tmpfs tmpfs "$1/new/run"
mount -t tmpfs -o mode=1777 tmpfs "$1/new/tmp"
ip link set lo up
"""


class System:
    """The machine on which the package is installed."""

    def __init__(self, root):
        self.root = root

    def path(self, path):
        return self.root + path

    def command(self, *words):
        return ["/usr/sbin/chroot", self.root, "/usr/bin/env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
                "DEBIAN_FRONTEND=noninteractive", *words]

    def run(self, *words, check=True):
        done = subprocess.run(self.command(*words), capture_output=True, text=True, check=False)
        if check and done.returncode != 0:
            raise AssertionError(f"{words}: {done.returncode}: {done.stdout}{done.stderr}")
        return done

    def dpkg(self, *words):
        """Without the triggers of others, such as the index of all manual pages."""
        return self.run("dpkg", "--no-triggers", "--force-confdef", "--force-confold", *words)

    def exists(self, path):
        return os.path.lexists(self.path(path))

    def read(self, path):
        with open(self.path(path), encoding="utf-8") as file:
            return file.read()

    def append(self, path, text):
        with open(self.path(path), "a", encoding="utf-8") as file:
            file.write(text)

    def unit(self, name):
        return [line.split() for line in re.findall(rf"(?m)^{name}=(.+)$", self.read(UNIT))]

    def as_broker(self, words):
        """With what the unit leaves it: no other groups, no capabilities, and none to be gained."""
        return self.command("setpriv", "--reuid=esockets", "--regid=esockets", "--clear-groups",
                            "--no-new-privs", "--bounding-set=-all", "--inh-caps=-all", *words)


class Service:
    """The broker, run by hand."""

    def __init__(self, system):
        self.system = system
        for words in system.unit("ExecStartPre"):
            subprocess.run(system.as_broker(words), check=True, stdout=subprocess.DEVNULL)
        self.process = subprocess.Popen(system.as_broker(system.unit("ExecStart")[0]), text=True,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for line in self.process.stdout:
            if line.startswith("pid "):
                self.pid = re.match(r"pid (\d+)", line)[1]
                return
        raise AssertionError(self.process.stderr.read())

    def reload(self):
        """Whether systemd would say that it has worked."""
        for words in self.system.unit("ExecReload"):
            words = [word.replace("$MAINPID", self.pid) for word in words]
            if subprocess.run(self.system.as_broker(words), stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL, check=False).returncode != 0:
                return False
        return True

    def log_until(self, text):
        for line in self.process.stderr:
            if text in line:
                return
        raise AssertionError(f"the broker ended without '{text}'")

    def stop(self):
        """Its exit code."""
        self.process.send_signal(signal.SIGTERM)
        self.process.communicate()
        return self.process.returncode


class InstallTest(unittest.TestCase):

    def setUp(self):
        self.system = System(os.environ["NEW_ROOT"])
        shutil.copyfile(DEB, self.system.path("/tmp/esockets.deb"))

    def next_version(self):
        """The same package with a higher version, another default and a page less."""
        run = self.system.run
        run("dpkg-deb", "--raw-extract", "/tmp/esockets.deb", "/tmp/next")
        run("sed", "-i", "s/^Version: .*/&.1/", "/tmp/next/DEBIAN/control")
        run("rm", "/tmp/next/usr/share/doc/esockets/OPERATIONS.md")
        run("sed", "-i", "/OPERATIONS.md/d", "/tmp/next/DEBIAN/md5sums")
        self.system.append("/tmp/next" + CONFIG, 'log_level: "warning"\n')
        run("dpkg-deb", "-Znone", "--build", "/tmp/next", "/tmp/next.deb")
        return "/tmp/next.deb"

    def use(self):
        """One subscriber; messages are published until it has got one."""
        publisher = subprocess.Popen(self.system.command(
            "esockets", "pub", "room/1", "hello", "--quiet", "--rate=50", "--count=1000000"))
        heard = self.system.run("esockets", "sub", "room/#", "--count=1")
        publisher.terminate()
        publisher.wait()
        self.assertEqual(heard.stdout, "hello\n")

    def check_installed(self):
        owner = self.system.run("stat", "-c", "%U:%G %a", CONFIG, "/var/lib/esockets").stdout
        self.assertEqual(owner.split("\n")[:2], ["root:esockets 640", "esockets:esockets 750"])
        self.assertTrue(self.system.exists(
            "/etc/systemd/system/multi-user.target.wants/esockets.service"))
        account = self.system.run("getent", "passwd", "esockets").stdout
        self.assertIn(":/var/lib/esockets:/usr/sbin/nologin", account)
        # A container may leave out what is to be read.
        said = self.system.run("dpkg", "--verify", "esockets").stdout.splitlines()
        self.assertEqual([line for line in said if "/usr/share/" not in line], [])

    def check_reload(self, service):
        self.system.append(CONFIG, "drain_timeout_ms: 1000\n")
        self.assertTrue(service.reload())
        service.log_until("configuration reloaded")
        kept = self.system.read(CONFIG)
        self.system.append(CONFIG, "no_such_field: 1\n")
        self.assertFalse(service.reload())
        with open(self.system.path(CONFIG), "w", encoding="utf-8") as file:
            file.write(kept)
        return kept

    def test_a_life(self):
        system = self.system
        system.dpkg("--install", "/tmp/esockets.deb")
        self.check_installed()
        service = Service(system)
        self.use()
        kept = self.check_reload(service)
        self.use()
        self.assertEqual(service.stop(), 0)

        system.append("/var/lib/esockets/state", "kept")
        system.dpkg("--install", self.next_version())
        self.assertEqual(system.read(CONFIG), kept)
        self.assertTrue(system.exists(CONFIG + ".dpkg-dist"))
        self.assertFalse(system.exists("/usr/share/doc/esockets/OPERATIONS.md"))
        service = Service(system)
        self.use()
        self.assertEqual(service.stop(), 0)

        system.dpkg("--remove", "esockets")
        self.assertFalse(system.exists("/usr/sbin/esockets-broker"))
        self.assertEqual(system.read(CONFIG), kept)
        self.assertTrue(system.exists("/var/lib/esockets/state"))

        system.dpkg("--purge", "esockets")
        for path in ("/etc/esockets", "/var/lib/esockets", "/usr/share/doc/esockets", UNIT,
                     "/etc/systemd/system/multi-user.target.wants/esockets.service",
                     "/etc/systemd/system/esockets.service"):
            self.assertFalse(system.exists(path), path)
        self.assertEqual(system.run("dpkg", "-s", "esockets", check=False).returncode, 1)

    def test_what_an_administrator_has_put_there_stays(self):
        self.system.dpkg("--install", "/tmp/esockets.deb")
        self.system.append("/etc/esockets/key.pem", "secret")
        self.system.dpkg("--purge", "esockets")
        self.assertEqual(self.system.read("/etc/esockets/key.pem"), "secret")
        self.assertFalse(self.system.exists(CONFIG))


class Outside(unittest.TestCase):

    def test_in_a_namespace(self):
        if os.geteuid() != 0:
            self.skipTest("needs root, who may mount")
        root = tempfile.mkdtemp(dir=os.environ["TEST_TMPDIR"])
        isolated = ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child"]
        tried = subprocess.run([*isolated, "sh", "-c", SETUP, "sh", root], capture_output=True,
                               text=True, check=False)
        if tried.returncode != 0:
            self.skipTest(f"this machine does not let us mount: {tried.stderr.strip()}")
        done = subprocess.run([*isolated, "sh", "-c", SETUP + 'exec "$2" "$3" "$4"', "sh", root,
                               sys.executable, os.path.abspath(__file__), INSIDE],
                              env={**os.environ, "NEW_ROOT": root + "/new"}, check=False)
        self.assertEqual(done.returncode, 0)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1],
                  defaultTest="InstallTest" if INSIDE in sys.argv else "Outside")
