package import OrchDomain

/// `[web]`: where the daemon answers HTTP.
package struct WebSettings: Hashable, Sendable {
  package var port = 8080
  package var host = "127.0.0.1"
  /// Other names by which browsers may call it.
  package var names: [String] = []
  /// Where links in notices begin; nil for notices without links.
  package var publicURL: String?
  /// PEM files; nil without TLS.
  package var tlsCertificate: String?
  package var tlsKey: String?
  /// Requests a second that one peer may send.
  package var rateLimit = 200

  package init() {}
}

/// `[build_pool]`: builds on other machines.
package struct BuildPoolSettings: Hashable, Sendable {
  package var enabled = false
  package var websocketPort = 8081
  package var gitDaemonPort = 9418
  /// Nil means every address.
  package var gitDaemonListenAddress: String?
  package var debug = false
  package var localFallback = LocalFallback()
  package var timeouts = Timeouts()

  package init() {}

  /// `[build_pool.local_fallback]`: builds on this machine when no worker is there.
  package struct LocalFallback: Hashable, Sendable {
    package var enabled = true
    package var maxJobs = 2
    /// Nil means `build-pool/local` in the state directory.
    package var worktreeDir: String?
  }

  /// `[build_pool.timeouts]`.
  package struct Timeouts: Hashable, Sendable {
    package var jobDefault: Duration = .seconds(300)
    package var heartbeatInterval: Duration = .seconds(30)
    package var heartbeatTimeout: Duration = .seconds(90)
  }
}

/// `[github_issues]`: issues that become plans.
package struct GitHubIssueSettings: Hashable, Sendable {
  package var enabled = false
  /// `OWNER/NAME`.
  package var repo: String?
  package var candidateLabel = "orchestrator-candidate"
  package var readyLabel = "implementation-ready"
  package var refinementLabel = "needs-refinement"
  package var implementedLabel = "implemented"
  package var areaLabelPrefix = "area:"
  /// Who writes the plans; nil for `[general] agent`.
  package var agent: String?
  /// Label that gives an issue, and so its plan, a priority.
  package var priorityLabels: [TaskPriority: String] = [:]

  package init() {}

  /// The highest priority that one of the labels gives; nil when none does.
  package func priority(of labels: [String]) -> TaskPriority? {
    priorityLabels.filter { labels.contains($0.value) }.keys.min()
  }
}
