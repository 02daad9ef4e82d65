import OrchConfig
import OrchProcess
import Testing

@testable import OrchEngine

struct SandboxTests {
  private static let works = SandboxHost.Availability.works(BubblewrapProgram(path: "/usr/bin/bwrap"))
  private static let missing = SandboxHost.Availability.missing(reason: "it rains")

  private func verdict(
    _ mode: SandboxSettings.Mode, _ network: SandboxSettings.Network, _ availability: SandboxHost.Availability
  ) -> SandboxVerdict {
    var settings = SandboxSettings()
    settings.mode = mode
    settings.network = network
    return .of(settings, availability)
  }

  @Test func aSandboxThatCannotBeIsToldOrRefused() {
    for network in SandboxSettings.Network.allCases {
      #expect(verdict(.auto, network, Self.works) == .on(BubblewrapProgram(path: "/usr/bin/bwrap")))
      #expect(verdict(.bubblewrap, network, Self.works) == .on(BubblewrapProgram(path: "/usr/bin/bwrap")))
    }
    #expect(verdict(.off, .full, Self.works) == .off(notice: nil))
    guard case .off(let notice?) = verdict(.auto, .full, Self.missing) else {
      Issue.record("not told")
      return
    }
    #expect(notice.contains("it rains") && !notice.contains("\n"))
    for (mode, network) in [
      (SandboxSettings.Mode.bubblewrap, SandboxSettings.Network.full), (.auto, .none), (.auto, .allowList),
      (.off, .none),
    ] {
      guard case .refused = verdict(mode, network, Self.missing) else {
        Issue.record("\(mode) with \(network) starts")
        continue
      }
    }
  }

  @Test func whatBubblewrapSaysIsTranslated() {
    let text = SandboxHost.reason("bwrap: No permissions to create new namespace, likely because ...\n")
    #expect(text.contains("containers") && text.contains("No permissions"))
    #expect(SandboxHost.reason("bwrap: Unknown option --x").hasPrefix("bubblewrap fails: "))
  }

  @Test func nothingOfTheHomeIsThereButWhatIsNamed() {
    var layout = SandboxLayout(
      worktree: "/home/me/.state/worktrees/a", home: "/home/me", privateHome: "/home/me/.state/runs/1/home",
      temporary: "/home/me/.state/runs/1/tmp")
    layout.tools = ["/home/me/.nvm"]
    layout.writable = ["/home/me/.cache/pip"]
    let mounts = layout.mounts
    let below = mounts.filter { $0.target.hasPrefix("/home/") }
    #expect(
      Set(below.map(\.target)) == ["/home/me", "/home/me/.nvm", "/home/me/.cache/pip", "/home/me/.state/worktrees/a"])
    #expect(below.first { $0.target == "/home/me" }?.source == "/home/me/.state/runs/1/home")
    #expect(below.first { $0.target == "/home/me/.nvm" }?.isWritable == false)
    #expect(
      mounts.filter(\.isWritable).map(\.target).sorted() == [
        "/home/me", "/home/me/.cache/pip", "/home/me/.state/worktrees/a", "/tmp", "/var/tmp",
      ])
    // A service user lives in a directory of the system, which must stay what it is.
    for home in ["/", "/usr", "/usr/lib/service", "/etc"] {
      layout.home = home
      #expect(!layout.mounts.contains { $0.target == home && $0.isWritable }, "\(home)")
    }
  }

  // MARK: Tools

  private func roots(
    _ commands: [String], path: [String] = ["/home/me/.nvm/versions/node/v22/bin", "/home/me/work/bin", "/usr/bin"],
    links: [String: String] = [:], files: Set<String> = [], scripts: [String: String] = [:]
  ) -> [String] {
    ToolRoots(
      path: path, home: "/home/me", closed: ["/home/me/.state", "/home/me/work/project"], link: { links[$0] },
      exists: { files.contains($0) || links[$0] != nil }, isProgram: { files.contains($0) || links[$0] != nil },
      shebang: { scripts[$0] }
    ).roots(for: commands)
  }

  @Test func managersOnThePathCountAsUsed() {
    #expect(roots(["make test"]) == ["/home/me/.nvm"])
    #expect(roots([], path: ["/home/me/.cargo/bin"]) == ["/home/me/.cargo/bin", "/home/me/.rustup"])
    #expect(roots([], path: ["/usr/bin", "/home/me/bin", "relative"]) == [])
  }

  @Test func aProgramBringsItsInstallationAndNoMore() {
    #expect(roots(["tool && other"], files: ["/home/me/work/bin/tool"]) == ["/home/me/.nvm", "/home/me/work/bin"])
    #expect(
      roots(["/srv/t/bin/x --y"], path: [], files: ["/srv/t/bin/x", "/srv/t/lib"]) == ["/srv/t/bin", "/srv/t/lib"])
    // Beside a program in the home directory itself, or beside the project, is everything else.
    #expect(roots(["~/run.sh"], path: [], files: ["/home/me/run.sh"]) == ["/home/me/run.sh"])
    #expect(roots(["/home/me/work/run"], path: [], files: ["/home/me/work/run"]) == ["/home/me/work/run"])
    #expect(roots(["/tmp/agent"], path: [], files: ["/tmp/agent"]) == ["/tmp/agent"])
    #expect(roots(["/usr/bin/make"], path: [], files: ["/usr/bin/make"]) == [])
  }

  @Test func linksAndInterpretersAreFollowed() {
    #expect(
      roots(
        ["claude -p"], path: ["/home/me/rig/bin"],
        links: ["/home/me/rig/bin/claude": "../venv/x/claude", "/home/me/rig/venv": "/data/venv"],
        files: ["/data/venv/x/claude"]) == ["/data/venv/x", "/home/me/rig/bin", "/home/me/rig/venv/x"])
    #expect(
      roots(
        ["tool"], path: ["/home/me/work/bin"], files: ["/home/me/work/bin/tool", "/opt2/python/bin/python3"],
        scripts: ["/home/me/work/bin/tool": "#!/opt2/python/bin/python3 -B"]) == [
          "/home/me/work/bin", "/opt2/python/bin",
        ])
    // In a circle.
    #expect(roots(["a"], path: ["/x"], links: ["/x/a": "b", "/x/b": "a"]) == ["/x"])
  }
}
