import OrchDomain

/// What a program that runs under bubblewrap sees of the machine. What is not named here is not there.
///
/// A value and nothing else: ``command(_:)`` makes the argument vector, and the supervisor starts it.
package struct Sandbox: Hashable, Sendable {
  /// One file or directory of the machine.
  package struct Mount: Hashable, Sendable {
    package var source: String
    /// Where the program finds it.
    package var target: String
    package var isWritable: Bool
    /// Left out, rather than an error, when the source is not there.
    package var isOptional: Bool

    package init(source: String, target: String, isWritable: Bool, isOptional: Bool = false) {
      self.source = source
      self.target = target
      self.isWritable = isWritable
      self.isOptional = isOptional
    }

    package static func readable(_ path: String, from source: String? = nil) -> Mount {
      Mount(source: source ?? path, target: path, isWritable: false)
    }

    package static func readableIfPresent(_ path: String) -> Mount {
      Mount(source: path, target: path, isWritable: false, isOptional: true)
    }

    package static func writable(_ path: String, from source: String? = nil) -> Mount {
      Mount(source: source ?? path, target: path, isWritable: true)
    }
  }

  /// What of the network there is.
  package enum Network: Hashable, Sendable {
    /// That of the machine.
    case full
    /// A loopback of its own that leads nowhere.
    case none
    /// As `none`, with a proxy behind one port of it.
    case proxied(NetworkProxy)
  }

  package var bubblewrap: BubblewrapProgram
  /// `orch-shim`, which also is the first program inside.
  package var shim: String
  package var mounts: [Mount]
  package var network: Network

  package init(bubblewrap: BubblewrapProgram, shim: String, mounts: [Mount], network: Network = .full) {
    self.bubblewrap = bubblewrap
    self.shim = shim
    self.mounts = mounts
    self.network = network
  }

  /// Where the shim is inside.
  static let innerShim = "/run/orch/orch-shim"
  /// The kernel's knobs, which root can turn through a fresh `/proc` without any capability.
  private static let kernelKnobs = [
    "/proc/sys", "/proc/sysrq-trigger", "/proc/irq", "/proc/bus", "/proc/fs", "/proc/acpi", "/proc/scsi",
  ]

  /// The whole command line, beginning with the program to start.
  ///
  /// - Parameters:
  ///   - program: An absolute path and its arguments.
  ///   - directory: Where it starts.
  ///   - diesWithParent: Whether the tree is killed when whoever starts it dies.
  package func command(_ program: [String], in directory: String, diesWithParent: Bool) -> [String] {
    var words = [bubblewrap.path]
    if bubblewrap.usesUserNamespace { words.append("--unshare-user") }
    words += ["--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"]
    if network != .full { words.append("--unshare-net") }
    // As root bubblewrap keeps every capability unless it is told not to.
    words += ["--cap-drop", "ALL"]
    var inner = [Self.innerShim, "--inside"]
    var outer: [String] = []
    if case .proxied(let proxy) = network {
      outer = proxy.command
      inner += ["--listen", String(NetworkProxy.port)]
    } else if diesWithParent {
      // Behind a proxy the proxy does that.
      words.append("--die-with-parent")
    }
    words += ["--dev", "/dev", "--proc", "/proc"]
    for knob in Self.kernelKnobs { words += ["--ro-bind-try", knob, knob] }
    words += Self.ordered(mounts + [.readable(Self.innerShim, from: shim)]).flatMap(Self.words)
    words += ["--remount-ro", "/", "--chdir", directory, "--"]
    return outer + words + inner + ["--"] + program
  }

  /// Parents before what is below them, and one mount for each place: the writable one where two are asked for.
  static func ordered(_ mounts: [Mount]) -> [Mount] {
    var byTarget: [String: Mount] = [:]
    for mount in mounts {
      let earlier = byTarget[mount.target]
      if let earlier, earlier.isWritable || !mount.isWritable { continue }
      byTarget[mount.target] = mount
    }
    return byTarget.values.sorted { Self.components($0.target).lexicographicallyPrecedes(Self.components($1.target)) }
  }

  private static func components(_ path: String) -> [Substring] { path.split(separator: "/") }

  private static func words(_ mount: Mount) -> [String] {
    let kind = (mount.isWritable ? "--bind" : "--ro-bind") + (mount.isOptional ? "-try" : "")
    return [kind, mount.source, mount.target]
  }
}

/// The `bwrap` of this machine, as a probe has found it to work.
package struct BubblewrapProgram: Hashable, Sendable {
  package var path: String
  /// False only for root where user namespaces are switched off.
  package var usesUserNamespace: Bool

  package init(path: String, usesUserNamespace: Bool = true) {
    self.path = path
    self.usesUserNamespace = usesUserNamespace
  }
}

/// The proxy that is the only way out of a sandbox: `claude-orch network-proxy`, around bubblewrap.
package struct NetworkProxy: Hashable, Sendable {
  /// Where it listens inside; a network of its own makes every number free.
  package static let port = 3128

  package var program: String
  /// Gets a line for every connection.
  package var log: String
  /// As in `[sandbox] allow_hosts`.
  package var hosts: [String]

  package init(program: String, log: String, hosts: [String]) {
    self.program = program
    self.log = log
    self.hosts = hosts
  }

  var command: [String] { [program, "network-proxy", "--log", log] + hosts.flatMap { ["--allow", $0] } + ["--"] }

  /// What makes programs use it.
  package static var environment: [String: String] {
    let address = "http://127.0.0.1:\(port)"
    var result: [String: String] = [:]
    for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"] {
      result[name] = address
      result[name.lowercased()] = address
    }
    result["NO_PROXY"] = "localhost,127.0.0.1,::1"
    result["no_proxy"] = result["NO_PROXY"]
    return result
  }
}
