import OrchProcess

/// A `git update-ref --stdin` that changes one ref after the other: starting git takes longer than landing.
///
/// A ref that is locked, verified and not moved yet belongs to this process. It gives the lock back when the
/// transaction ends, and, also when we are killed, as soon as its input does; between transactions it holds none.
struct RefTransactions {
  private let process: Coprocess
  private let place: GitPlace
  private let reason: String

  static func start(at place: GitPlace, message: String, runner: GitRunner) async throws(GitError) -> RefTransactions {
    let reason = reason(message, at: place)
    var command = runner.command(["update-ref"] + (reason.isEmpty ? [] : ["-m", reason]) + ["--stdin"], at: place)
    command.timeout = .seconds(60)
    do {
      return RefTransactions(process: try await Coprocess.start(command), place: place, reason: reason)
    } catch {
      throw .command(arguments: ["update-ref", "--stdin"], status: "did not start", message: "\(error)")
    }
  }

  /// Whether the process would do the same for this place and message as a new one.
  func serves(_ place: GitPlace, message: String) -> Bool {
    self.place == place && reason == RefTransactions.reason(message, at: place)
  }

  /// What the log of the ref says. A bare repository keeps none unless it is told to, so there one reason does for all.
  private static func reason(_ message: String, at place: GitPlace) -> String {
    place.workTree == nil ? "claude-orch" : message.split(whereSeparator: \.isNewline).joined(separator: " ")
  }

  /// Locks the ref and checks that it still is `old`. When it throws, the process has ended.
  func prepare(_ ref: String, from old: String, to new: String) async throws(GitError) {
    try await say(["start", "update \(ref) \(new) \(old)", "prepare"], answers: ["start: ok", "prepare: ok"])
  }

  /// Moves the ref. When it throws, the process has ended.
  func commit() async throws(GitError) { try await say(["commit"], answers: ["commit: ok"]) }

  /// Ends the process, which gives back what it holds. Nothing has moved.
  func end() async {
    // A process that does not end in time is killed by finish(); there is nothing that the caller could do better.
    do { _ = try await process.finish() } catch {}
  }

  /// - Parameter lines: Sent at once: every answer that is waited for by itself costs as much as all else here.
  private func say(_ lines: [String], answers: [String]) async throws(GitError) {
    do throws(ProcessError) {
      try await process.send(line: lines.joined(separator: "\n"))
      var given: [String] = []
      while given.count < answers.count, let line = try await process.readLine() {
        given.append(String(decoding: line, as: UTF8.self))
      }
      if given == answers { return }
    } catch {
      // The reason is in what the process said before it ended.
    }
    let message: String
    do {
      message = try await process.finish().errorText
    } catch {
      throw .command(arguments: ["update-ref"], status: "failed", message: "\(error)")
    }
    if let held = GitRunner.lockFile(in: message) { throw .lockHeld(file: held) }
    throw .command(arguments: ["update-ref"], status: "refused", message: message)
  }
}

extension GitRepository {
  /// Locks the ref for a change that ``commitRef()`` makes and ``endTransactions()`` gives up.
  func prepareRef(
    _ ref: String, from old: String, to new: String, message: String, at place: GitPlace
  ) async throws(GitError) {
    if let running = transactions, running.serves(place, message: message) {
      do {
        return try await running.prepare(ref, from: old, to: new)
      } catch {
        // Somebody may have ended the idle process; a new one says what is really wrong.
        transactions = nil
      }
    }
    await endTransactions()
    let started = try await RefTransactions.start(at: place, message: message, runner: runner)
    try await started.prepare(ref, from: old, to: new)
    transactions = started
  }

  func commitRef() async throws(GitError) {
    guard let running = transactions else {
      throw .command(arguments: ["update-ref"], status: "has ended", message: "")
    }
    do {
      try await running.commit()
    } catch {
      transactions = nil
      throw error
    }
  }

  func endTransactions() async {
    let running = transactions
    transactions = nil
    await running?.end()
  }
}
