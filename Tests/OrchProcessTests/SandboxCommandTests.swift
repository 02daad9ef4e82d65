import Testing

@testable import OrchProcess

struct SandboxCommandTests {
  private func sandbox(_ mounts: [Sandbox.Mount] = [], _ network: Sandbox.Network = .full) -> Sandbox {
    Sandbox(
      bubblewrap: BubblewrapProgram(path: "/usr/bin/bwrap"), shim: "/x/orch-shim", mounts: mounts, network: network)
  }

  private func words(_ sandbox: Sandbox, dies: Bool = false) -> [String] {
    sandbox.command(["/bin/sh", "-c", "exit 0"], in: "/w", diesWithParent: dies)
  }

  @Test func wholeCommandLine() {
    let mounts: [Sandbox.Mount] = [
      .writable("/w"), .readableIfPresent("/usr"), .readable("/w/.git"), .writable("/r/.git", from: "/s/store"),
    ]
    #expect(
      words(sandbox(mounts)) == [
        "/usr/bin/bwrap", "--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try",
        "--cap-drop", "ALL", "--dev", "/dev", "--proc", "/proc",
        "--ro-bind-try", "/proc/sys", "/proc/sys", "--ro-bind-try", "/proc/sysrq-trigger", "/proc/sysrq-trigger",
        "--ro-bind-try", "/proc/irq", "/proc/irq", "--ro-bind-try", "/proc/bus", "/proc/bus",
        "--ro-bind-try", "/proc/fs", "/proc/fs", "--ro-bind-try", "/proc/acpi", "/proc/acpi",
        "--ro-bind-try", "/proc/scsi", "/proc/scsi",
        "--bind", "/s/store", "/r/.git", "--ro-bind", "/x/orch-shim", "/run/orch/orch-shim",
        "--ro-bind-try", "/usr", "/usr", "--bind", "/w", "/w", "--ro-bind", "/w/.git", "/w/.git",
        "--remount-ro", "/", "--chdir", "/w", "--", "/run/orch/orch-shim", "--inside", "--",
        "/bin/sh", "-c", "exit 0",
      ])
  }

  @Test func whatDependsOnTheNetworkAndOnWhoStartsIt() {
    #expect(!words(sandbox()).contains("--unshare-net"))
    #expect(words(sandbox([], .none)).contains("--unshare-net"))
    #expect(
      !words(sandbox()).contains("--die-with-parent") && words(sandbox(), dies: true).contains("--die-with-parent"))
    let proxy = NetworkProxy(program: "/x/claude-orch", log: "/l", hosts: ["a.example", "b.example:8443"])
    let proxied = words(sandbox([], .proxied(proxy)), dies: true)
    #expect(
      proxied.prefix(10) == [
        "/x/claude-orch", "network-proxy", "--log", "/l", "--allow", "a.example", "--allow", "b.example:8443", "--",
        "/usr/bin/bwrap",
      ])
    #expect(proxied.contains("--unshare-net") && !proxied.contains("--die-with-parent"))
    let inner = proxied.firstIndex(of: "--inside").map { Array(proxied[$0...]) }
    #expect(inner?.prefix(4) == ["--inside", "--listen", "3128", "--"])
    var asRoot = sandbox()
    asRoot.bubblewrap.usesUserNamespace = false
    #expect(!words(asRoot).contains("--unshare-user") && words(asRoot).contains("--cap-drop"))
  }

  @Test func parentsComeFirstAndTheWritableMountWins() {
    let mounts: [Sandbox.Mount] = [
      .readable("/home/a/b"), .writable("/home/a", from: "/private"), .readable("/home/a-b"), .readable("/home/a"),
      .readableIfPresent("/home/a/b/c"), .writable("/home/a/b"),
    ]
    let ordered = Sandbox.ordered(mounts)
    #expect(ordered.map(\.target) == ["/home/a", "/home/a/b", "/home/a/b/c", "/home/a-b"])
    #expect(ordered[0].source == "/private" && ordered[1].isWritable)
    #expect(Sandbox.ordered(mounts.reversed()) == ordered)
  }
}
