import OrchDomain

/// The sections of the older tool whose features come later. Their values are checked all the same.
extension KeyTable {
  static let older: [Section] = [
    web, buildPool, buildPoolFallback, buildPoolTimeouts, githubIssues,
  ]

  static let web = Section(
    name: "web", summary: "Where the daemon answers HTTP.",
    keys: [
      .integer("port", \.web.port, 1...65_535, "Port that it listens at"),
      .text("host", \.web.host, "Address that it listens at; one of the network needs TLS"),
      .texts("names", \.web.names, "Other names by which browsers may call it"),
      .optionalText(
        "public_url", \.web.publicURL, takes: "URL",
        "Address that leads to the daemon from elsewhere, https or this machine; notices of reviews then have a link"),
      .optionalText("tls_certificate", \.web.tlsCertificate, takes: "path", "PEM file of the certificate chain"),
      .optionalText("tls_key", \.web.tlsKey, takes: "path", "PEM file of its private key"),
      .integer("rate_limit", \.web.rateLimit, 1...100_000, "Requests a second that one peer may send"),
    ])

  static let buildPool = Section(
    name: "build_pool", summary: "Builds on other machines.",
    keys: [
      .flag("enabled", \.buildPool.enabled, use: .notYet, "Use the build pool"),
      .integer("websocket_port", \.buildPool.websocketPort, 1...65_535, use: .notYet, "Port for workers"),
      .integer("git_daemon_port", \.buildPool.gitDaemonPort, 1...65_535, use: .notYet, "Port of the git daemon"),
      .optionalText(
        "git_daemon_listen_addr", \.buildPool.gitDaemonListenAddress, use: .notYet,
        "Address that the git daemon listens at"),
      .flag("debug", \.buildPool.debug, use: .notYet, "Log more"),
    ])

  static let buildPoolFallback = Section(
    name: "build_pool.local_fallback", summary: "Builds on this machine when no worker is there.",
    keys: [
      .flag("enabled", \.buildPool.localFallback.enabled, use: .notYet, "Build on this machine"),
      .integer("max_jobs", \.buildPool.localFallback.maxJobs, 1...256, use: .notYet, "Jobs at the same time"),
      .optionalText(
        "worktree_dir", \.buildPool.localFallback.worktreeDir, takes: "path", use: .notYet,
        "Checkouts of the jobs; empty means `build-pool/local` in the state directory"),
    ])

  static let buildPoolTimeouts = Section(
    name: "build_pool.timeouts", summary: "Deadlines of the build pool.",
    keys: [
      .duration(
        "job_default_secs", \.buildPool.timeouts.jobDefault, .seconds(1) ... .seconds(86_400), seconds: true,
        use: .notYet, "Longest time of a job that names none"),
      .duration(
        "heartbeat_interval_secs", \.buildPool.timeouts.heartbeatInterval, .seconds(1) ... .seconds(3600),
        seconds: true, use: .notYet, "Time between two signs of life of a worker"),
      .duration(
        "heartbeat_timeout_secs", \.buildPool.timeouts.heartbeatTimeout, .seconds(1) ... .seconds(86_400),
        seconds: true, use: .notYet, "Silence after which a worker counts as gone"),
    ])

  static let githubIssues = Section(
    name: "github_issues", summary: "Issues that become plans.",
    keys: [
      .flag(
        "enabled", \.githubIssues.enabled,
        "Whether `sync` goes on with `issues sync`, which lets agents write plans and closes issues that are done"),
      .optionalText(
        "repo", \.githubIssues.repo, takes: "OWNER/NAME", "Repository of the issues; empty means that of `[forge]`"),
      .text("candidate_label", \.githubIssues.candidateLabel, "Label of issues to look at"),
      .text("ready_label", \.githubIssues.readyLabel, "Label of issues that became plans"),
      .text("refinement_label", \.githubIssues.refinementLabel, "Label of issues that need more detail"),
      .text("implemented_label", \.githubIssues.implementedLabel, "Label of issues that are done"),
      .text("area_label_prefix", \.githubIssues.areaLabelPrefix, "Prefix of labels that name a module"),
      .optionalText(
        "agent", \.githubIssues.agent, takes: "name", "Agent that writes plans; empty means that of `[general]`"),
    ])
}
