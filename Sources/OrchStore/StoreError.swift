package import OrchDomain

/// Why the store could not do what was asked. The text of every case says what happened, where, and what to do.
package enum StoreError: Error, Hashable, Sendable {
  // The file.
  case missing(path: String)
  case cannotOpen(path: String, reason: String)
  case notADatabase(path: String)
  /// A sound SQLite file that another program owns.
  case foreign(path: String)
  case newerSchema(path: String, found: Int, known: Int)
  /// Only for read-only access, which may not migrate.
  case olderSchema(path: String, found: Int, known: Int)
  case damaged(path: String, detail: String)
  case readOnly(path: String)
  case full(path: String)
  /// Another process held the write lock for longer than the busy timeout.
  case busy(path: String)
  case inputOutput(path: String, detail: String)
  /// Anything else that SQLite reports; `code` is its extended result code.
  case sqlite(path: String, code: Int32, message: String)

  // The request. None of these changes a row.
  case unknownProject(ProjectID)
  case unknownTask(TaskID)
  case unknownAttempt(TaskID, number: Int)
  case unknownTurn(TaskID, attempt: Int, number: Int)
  case unknownChange(number: Int)
  case unknownBatch(id: Int64)
  /// Somebody else was faster: the task is no longer in a state that the caller decided upon.
  case stale(TaskID, expected: Set<TaskState>, actual: TaskState)
  case illegalTransition(TaskID, from: TaskState, to: TaskState)
  case staleChange(number: Int, expected: Set<Change.State>, actual: Change.State)
  case illegalChange(number: Int, from: Change.State, to: Change.State)
  case duplicateTask(TaskID)
  case attemptGoesOn(TaskID, number: Int)
  case attemptHasEnded(TaskID, number: Int)
  case changeIsOpen(TaskID, number: Int)
  /// Another process has already taken this request.
  case requestTaken(seq: Int64)
  /// Thrown by a caller inside `write` to take everything back, with its own reason.
  case abandoned(String)
}

extension StoreError: CustomStringConvertible {
  package var description: String { fileText ?? requestText }

  /// Whether the same call may succeed a little later without anybody doing anything.
  package var isTransient: Bool {
    if case .busy = self { true } else { false }
  }

  /// Whether somebody else has decided in the meantime, so that what the caller saw holds no longer.
  package var isOvertaken: Bool {
    switch self {
    case .stale, .staleChange: true
    default: false
    }
  }

  private var fileText: String? {
    switch self {
    case .missing(let path):
      "there is no state database at '\(path)'; run `claude-orch sync` first"
    case .cannotOpen(let path, let reason):
      "cannot open the state database '\(path)': \(reason); check that its directory exists and belongs to you, or set "
        + "[general] database_path"
    case .notADatabase(let path):
      "'\(path)' is not a database; it was left as it is. Move it away, or set [general] database_path to another file"
    case .foreign(let path):
      "'\(path)' is a database of another program; it was left as it is. Set [general] database_path to another file"
    case .newerSchema(let path, let found, let known):
      "the state database '\(path)' was written by a newer claude-orch (schema \(found), this program knows \(known)); "
        + "update claude-orch"
    case .olderSchema(let path, let found, let known):
      "the state database '\(path)' has schema \(found), this program needs \(known); run a command that may write, "
        + "such as `claude-orch sync`, to bring it up to date"
    case .damaged(let path, let detail):
      "the state database '\(path)' is damaged: \(detail). Nothing was changed. Keep a copy of it and of its -wal "
        + "file, then try `sqlite3 '\(path)' .recover`"
    case .readOnly(let path):
      "the state database '\(path)' may not be written; check the permissions of the file and of its directory"
    case .full(let path):
      "no space left for the state database '\(path)'; the change was taken back. Free some space and try again"
    case .busy(let path):
      "another process is writing the state database '\(path)'; try again in a moment"
    case .inputOutput(let path, let detail):
      "reading or writing the state database '\(path)' failed: \(detail); check the disk"
    case .sqlite(let path, let code, let message):
      "the state database '\(path)' refused an operation: \(message) (SQLite code \(code)); "
        + "this is a bug, please report it"
    default: nil
    }
  }

  private var requestText: String {
    switch self {
    case .unknownProject(let id):
      "the state database has no project \(id.number); run `claude-orch sync` in the project"
    case .unknownTask(let task): "there is no task '\(task)'; `claude-orch list` shows all of them"
    case .unknownAttempt(let task, let number): "task '\(task)' has no attempt \(number)"
    case .unknownTurn(let task, let attempt, let number):
      "attempt \(attempt) of task '\(task)' has no turn \(number)"
    case .unknownChange(let number): "there is no change #\(number); `claude-orch pr list` shows all of them"
    case .unknownBatch(let id): "there is no batch \(id); `claude-orch batch history` shows all of them"
    case .stale(let task, let expected, let actual):
      "task '\(task)' is \(actual.rawValue) by now, not \(StoreError.list(expected)); look again and retry"
    case .illegalTransition(let task, let from, let to):
      "task '\(task)' cannot go from \(from.rawValue) to \(to.rawValue)"
    case .staleChange(let number, let expected, let actual):
      "change #\(number) is \(actual.rawValue) by now, not \(StoreError.list(expected)); look again and retry"
    case .illegalChange(let number, let from, let to):
      "change #\(number) cannot go from \(from.rawValue) to \(to.rawValue)"
    case .duplicateTask(let task): "two plans declare the task '\(task)'; `claude-orch check` shows both"
    case .attemptGoesOn(let task, let number): "attempt \(number) of task '\(task)' has not ended yet"
    case .attemptHasEnded(let task, let number): "attempt \(number) of task '\(task)' has already ended"
    case .changeIsOpen(let task, let number): "task '\(task)' already has the unfinished change #\(number)"
    case .requestTaken(let seq): "request \(seq) has already been handled"
    case .abandoned(let reason): reason
    default: "the state database failed"
    }
  }

  private static func list<S: RawRepresentable<String>>(_ states: Set<S>) -> String {
    states.map(\.rawValue).sorted().joined(separator: " or ")
  }
}
