import OrchProcess

/// A change of one ref that is locked and verified but not made yet.
///
/// The lock belongs to a git process that ends, and gives it back, as soon as its input does: also when we are killed.
struct RefTransaction {
  private let process: Coprocess
  private let ref: String

  /// Locks the ref and checks that it still is `old`.
  static func prepare(
    _ ref: String, from old: String, to new: String, message: String, at place: GitPlace, runner: GitRunner
  ) async throws(GitError) -> RefTransaction {
    let line = message.split(whereSeparator: \.isNewline).joined(separator: " ")
    var command = runner.command(["update-ref"] + (line.isEmpty ? [] : ["-m", line]) + ["--stdin"], at: place)
    command.timeout = .seconds(60)
    let transaction: RefTransaction
    do {
      transaction = RefTransaction(process: try await Coprocess.start(command), ref: ref)
    } catch {
      throw .command(arguments: ["update-ref", "--stdin"], status: "did not start", message: "\(error)")
    }
    try await transaction.say(["start"], answer: "start: ok")
    try await transaction.say(["update \(ref) \(new) \(old)", "prepare"], answer: "prepare: ok")
    return transaction
  }

  /// Moves the ref.
  func commit() async throws(GitError) {
    try await say(["commit"], answer: "commit: ok")
    _ = try await end()
  }

  /// Gives the lock back. Nothing has moved.
  func abort() async {
    // A process that does not end in time is killed by finish(); there is nothing that the caller could do better.
    do throws(GitError) { _ = try await end() } catch {}
  }

  private func say(_ lines: [String], answer: String) async throws(GitError) {
    do throws(ProcessError) {
      for line in lines { try await process.send(line: line) }
      if let line = try await process.readLine(), String(decoding: line, as: UTF8.self) == answer { return }
    } catch {
      // The reason is in what the process said before it ended.
    }
    let message = try await end()
    if let held = GitRunner.lockFile(in: message) { throw .lockHeld(file: held) }
    throw .command(arguments: ["update-ref", ref], status: "refused", message: message)
  }

  private func end() async throws(GitError) -> String {
    do {
      return try await process.finish().errorText
    } catch {
      throw .command(arguments: ["update-ref", ref], status: "failed", message: "\(error)")
    }
  }
}
