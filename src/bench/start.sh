#!/bin/sh
# How long a connector takes from the start of its process until it dials out, and a command until it ends; wall time, CPU time and
# resident memory of each run. Nothing leaves the machine: the edge is a socket of this script's own.
#
#   ./mvnw -DskipTests -DskipUnit package && src/bench/start.sh [RUNS]
#
# Needs python3 and a Java 25 in JAVA_HOME or on the PATH.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
"$root/src/main/bin/sallyport" --prepare
exec python3 - "$root" "${1:-5}" <<'PYTHON'
import base64, json, os, resource, select, socket, subprocess, sys, time

root, runs = sys.argv[1], int(sys.argv[2])
java = os.path.join(os.environ["JAVA_HOME"], "bin/java") if os.environ.get("JAVA_HOME") else "java"
jar = os.environ.get("SALLYPORT_JAR", root + "/target/sallyport.jar")
starts = {"bin/sallyport": [root + "/src/main/bin/sallyport"], "java -jar": [java, "-jar", jar]}
claim = {"a": "0" * 32, "t": "00000000-0000-0000-0000-000000000000", "s": base64.b64encode(bytes(32)).decode()}
token = base64.b64encode(json.dumps(claim).encode()).decode()


def listeners():
    while True:
        udp, tcp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM), socket.socket()
        udp.bind(("127.0.0.1", 0))
        try:
            tcp.bind(udp.getsockname())
            tcp.listen()
            return udp, tcp
        except OSError:
            udp.close()


def connector(command, protocol):
    udp, tcp = listeners()
    began = time.monotonic()
    process = subprocess.Popen(
        command + ["tunnel", "--edge", "127.0.0.1:%d" % udp.getsockname()[1], "--metrics", "127.0.0.1:0",
                   "--protocol", protocol, "run"],
        env=dict(os.environ, TUNNEL_TOKEN=token), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    dialled = select.select([udp, tcp], [], [], 60)[0]
    wall = time.monotonic() - began
    stat = open("/proc/%d/stat" % process.pid).read().rsplit(")", 1)[1].split()
    cpu = (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK")
    memory = [line.split()[1] for line in open("/proc/%d/status" % process.pid) if line.startswith("VmRSS")][0]
    process.kill()
    process.wait()
    udp.close()
    tcp.close()
    return wall if dialled else float("nan"), cpu, int(memory) // 1024


def command(command):
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    subprocess.run(command + ["tunnel", "list", "--help"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.monotonic() - began, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, 0


figures = {}
for _ in range(runs):  # interleaved, so that what else the machine does meets all alike
    for name, start in starts.items():
        for what, measured in (("quic dials", lambda: connector(start, "quic")),
                               ("http2 dials", lambda: connector(start, "http2")),
                               ("tunnel list --help", lambda: command(start))):
            figures.setdefault((name, what), []).append(measured())
print("load %.1f %.1f %.1f, %d CPUs, %d runs; least, median" % (*os.getloadavg(), os.cpu_count(), runs))
for (name, what), each in figures.items():
    wall, cpu, memory = (sorted(column) for column in zip(*each))
    middle = len(each) // 2
    print("%-14s %-19s wall %.2f %.2f s   user+sys %.2f %.2f s%s" % (
        name, what, wall[0], wall[middle], cpu[0], cpu[middle],
        "   resident %d MiB" % memory[middle] if memory[middle] else ""))
PYTHON
