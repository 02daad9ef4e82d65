/// `[sandbox]`: what agents and the commands of the gate can reach.
package struct SandboxSettings: Hashable, Sendable {
  /// Whether programs are shut in.
  package enum Mode: String, Hashable, Sendable, CaseIterable {
    /// Where it can be done.
    case auto
    /// Or nothing starts.
    case bubblewrap
    case off
  }

  /// What of the network there is inside.
  package enum Network: String, Hashable, Sendable, CaseIterable {
    case full
    case none
    case allowList = "allow-list"
  }

  package var mode = Mode.auto
  package var network = Network.full
  /// Names, `*.` and a domain, or addresses, each with `:port` where it is neither 80 nor 443.
  package var allowHosts: [String] = []
  /// Visible inside; absolute, below `~/`, or relative to the project's root.
  package var read: [String] = []
  /// Visible and writable inside.
  package var write: [String] = []

  package init() {}
}
