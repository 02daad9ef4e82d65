package import OrchConfig
import OrchDomain
package import OrchProcess

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Whether programs can be shut in on this machine. Found out once, by doing it.
package actor SandboxHost {
  /// What the probe found.
  package enum Availability: Hashable, Sendable {
    case works(BubblewrapProgram)
    /// - Parameter reason: Half a sentence for people.
    case missing(reason: String)
  }

  private let environment: [String: String]
  private var found: Task<Availability, Never>?

  package init(environment: [String: String]) { self.environment = environment }

  package func availability() async -> Availability {
    if let found { return await found.value }
    let probe = Task { [environment] in await Self.probe(environment) }
    found = probe
    return await probe.value
  }

  private static func probe(_ environment: [String: String]) async -> Availability {
    #if os(Linux)
      let search = (environment["PATH"] ?? "") + ":/usr/bin:/usr/local/bin"
      let path: String
      do {
        path = try ExecutableLookup.find("bwrap", path: search, directory: "/")
      } catch {
        return .missing(reason: "bubblewrap is not installed (`apt install bubblewrap`, `dnf install bubblewrap`)")
      }
      let first = await attempt(BubblewrapProgram(path: path))
      guard case .missing = first, getuid() == 0 else { return first }
      let second = await attempt(BubblewrapProgram(path: path, usesUserNamespace: false))
      if case .works = second { return second }
      return first
    #else
      return .missing(reason: "there is no bubblewrap for this system")
    #endif
  }

  /// Does all that a sandbox does, around a program that does nothing.
  private static func attempt(_ program: BubblewrapProgram) async -> Availability {
    let namespaces = program.usesUserNamespace ? ["--unshare-user"] : []
    let command = Command(
      executable: program.path,
      arguments: namespaces + [
        "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-net", "--cap-drop", "ALL", "--ro-bind", "/", "/",
        "--dev", "/dev", "--proc", "/proc", "--ro-bind-try", "/proc/sys", "/proc/sys", "--tmpfs", "/tmp",
        "--remount-ro", "/", "--", "/bin/sh", "-c", ":",
      ], environment: ["LC_ALL": "C"], timeout: .seconds(30), outputLimit: 4096)
    do {
      let result = try await CommandRunner().run(command)
      return result.exit.isSuccess ? .works(program) : .missing(reason: reason(result.errorText))
    } catch {
      return .missing(reason: "\(error)")
    }
  }

  /// Translates what bubblewrap says when the kernel says no.
  static func reason(_ message: String) -> String {
    let line = SafeText.line(message.split(whereSeparator: \.isNewline).first ?? "it said nothing", limit: 200)
    let isForbidden = ["namespace", "Operation not permitted", "uid map", "Permission denied"].contains {
      message.contains($0)
    }
    guard isForbidden else { return "bubblewrap fails: \(line)" }
    return "this system does not let us make namespaces, as in most containers and where "
      + "kernel.unprivileged_userns_clone or an AppArmor profile forbids it (\(line))"
  }
}

/// What `[sandbox]` and this machine come to.
package enum SandboxVerdict: Hashable, Sendable {
  case on(BubblewrapProgram)
  /// - Parameter notice: Said once at the start; nil when the user wants it so.
  case off(notice: String?)
  /// Nothing is started.
  case refused(String)

  package static func of(_ settings: SandboxSettings, _ availability: SandboxHost.Availability) -> SandboxVerdict {
    let needsNetwork = settings.network != .full
    switch (settings.mode, availability) {
    case (.off, _):
      return needsNetwork
        ? .refused(
          "[sandbox] network = \"\(settings.network.rawValue)\" needs a sandbox, and mode is \"off\": set mode to "
            + "\"auto\", or network to \"full\"")
        : .off(notice: nil)
    case (.auto, .works(let program)), (.bubblewrap, .works(let program)): return .on(program)
    case (.bubblewrap, .missing(let reason)):
      return .refused("[sandbox] mode = \"bubblewrap\", but \(reason); or set mode to \"auto\" or \"off\"")
    case (.auto, .missing(let reason)):
      return needsNetwork
        ? .refused(
          "[sandbox] network = \"\(settings.network.rawValue)\" needs a sandbox, but \(reason); or set network to "
            + "\"full\"")
        : .off(notice: "agents run without a sandbox, with all that you may do: \(reason)")
    }
  }
}
