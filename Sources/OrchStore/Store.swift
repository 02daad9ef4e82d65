import GRDB
import GRDBSQLite
import Synchronization

/// The durable state of all projects: one SQLite file in WAL mode, shared by every process of the program.
///
/// One serial connection: a short command opens in well under a millisecond and never pays for a pool. All calls block
/// the calling thread for the length of one short transaction, so no `await` stands between a decision and its record.
/// A call from inside the closure of ``read(_:_:)`` or ``write(_:durability:_:)`` is a programming error and traps; use
/// the transaction that the closure gets.
package final class Store: Sendable {
  /// What the file may be opened for.
  package enum Access: Hashable, Sendable {
    /// Creates the file when it is missing, and migrates an older one.
    case readWrite
    /// Never creates, never migrates, never writes.
    case readOnly
    /// As ``readOnly``, opened in a fraction of the time, for a process that asks a little and ends.
    case looking
    /// As ``readWrite``, opened in a fraction of the time, for a process that does one thing and ends.
    case brief
  }

  /// How much a commit survives.
  package enum Durability: Hashable, Sendable {
    /// Survives `kill -9` of any process; a power cut may take the last transactions back, in order and whole.
    ///
    /// Right for progress: what was taken back is found again by looking at processes, worktrees and refs.
    case normal
    /// Survives a power cut too: one fsync of the WAL, which covers every earlier commit as well.
    ///
    /// For what must be known before something outside is done that cannot be recognised afterwards: the intent to
    /// land a change, or to open one on a forge.
    case full
  }

  /// The schema that this program reads and writes.
  package static let schemaVersion = Migration.all.last?.version ?? 0

  package let path: String
  /// What the file is used by.
  private enum Connection {
    case full(DatabaseQueue)
    case direct(DirectConnection)
  }

  private let connection: Connection
  private let witness: TransitionWitness?
  /// The level that the connection is set to. Touched on the queue only; the lock satisfies the compiler.
  private let level = Mutex(Durability.normal)

  /// Opens the file. A file that is damaged, foreign or newer is reported and left exactly as it is.
  ///
  /// - Parameters:
  ///   - busyTimeout: How long to wait for another process that writes.
  ///   - witness: Told of every transition.
  package init(
    path: String, access: Access = .readWrite, busyTimeout: Duration = .seconds(5), witness: TransitionWitness? = nil
  ) throws(StoreError) {
    self.path = path
    self.witness = witness
    let opening = StoreOpening(path: path, access: access, busyTimeout: busyTimeout)
    connection =
      switch access {
      case .readWrite, .readOnly: .full(try opening.open())
      case .looking, .brief: .direct(try opening.openDirectly())
      }
  }

  /// Runs `body` on one consistent state of the file. A write inside it fails with ``StoreError/readOnly(path:)``.
  package func read<T>(
    _ project: ProjectID, _ body: (borrowing StoreTransaction) throws -> T
  ) throws(StoreError) -> T {
    try guarded(path) {
      switch connection {
      case .full(let queue):
        try queue.read { db in try Self.run(body, StoreTransaction(db, project: project, path: path)) }
      case .direct(let connection):
        try connection.read { try Self.run(body, StoreTransaction($0, project: project, path: path)) }
      }
    }
  }

  /// Runs `body`, which reads with one statement.
  func look<T>(_ body: (any StatementSource) throws -> T) throws -> T {
    switch connection {
    case .full(let queue): try queue.unsafeRead { db in try body(db) }
    case .direct(let connection): try connection.read(body)
    }
  }

  /// Runs `body` as one transaction: all of it, with its events and counters, or, when it throws, nothing.
  ///
  /// The write lock is taken at the beginning, so what `body` reads cannot change before it writes. Keep it short:
  /// other processes wait. An error of another type that `body` throws comes out as ``StoreError/abandoned(_:)``.
  @discardableResult
  package func write<T>(
    _ project: ProjectID, durability: Durability = .normal,
    _ body: (borrowing StoreTransaction) throws -> T
  ) throws(StoreError) -> T {
    try guarded(path) {
      try alone { source, connection in
        try set(durability, on: connection)
        var transitions: [Transition] = []
        let result = try connection.inTransaction(.immediate) {
          let transaction = StoreTransaction(source, project: project, path: path)
          let result = try Self.run(body, transaction)
          try transaction.flush()
          transitions = transaction.context.transitions
          tell(.before, transitions)
          return result
        }
        tell(.after, transitions)
        return result
      }
    }
  }

  /// The first value of the first row; 0 without a row, and for NULL.
  func integer(_ sql: String) throws -> Int64 {
    try look { source in
      var value: Int64 = 0
      try SQLStatement(source, sql).run([]) { row in value = sqlite3_column_int64(row, 0) }
      return value
    }
  }

  /// Runs `body` while no other thread uses the connection.
  func alone<T>(_ body: (any StatementSource, RawConnection) throws -> T) throws -> T {
    switch connection {
    case .full(let queue): try queue.writeWithoutTransaction { db in try body(db, try RawConnection(db)) }
    case .direct(let connection): try connection.alone(body)
    }
  }

  /// A number that differs from the last one when another process has committed since; costs microseconds.
  package func changeToken() throws(StoreError) -> Int {
    try guarded(path) { Int(try integer("PRAGMA data_version")) }
  }

  /// Rows inserted, updated or deleted through this store since it was opened.
  package var changedRows: Int {
    switch connection {
    case .full(let queue): queue.unsafeRead { $0.totalChangesCount }
    case .direct(let connection): connection.changedRows
    }
  }

  /// Closes the connection; every later call fails. Without it the file is closed when the store goes away.
  package func close() throws(StoreError) {
    try guarded(path) {
      switch connection {
      case .full(let queue): try queue.close()
      case .direct(let connection): connection.close()
      }
    }
  }

  private static func run<T>(
    _ body: (borrowing StoreTransaction) throws -> T, _ transaction: borrowing StoreTransaction
  ) throws -> T {
    do {
      return try body(transaction)
    } catch let error as StoreError {
      throw error
    } catch {
      throw StoreError.abandoned("\(error)")
    }
  }

  private func tell(_ moment: TransitionWitness.Moment, _ transitions: [Transition]) {
    guard let witness else { return }
    for transition in transitions { witness.tell(moment, transition) }
  }

  private func set(_ durability: Durability, on connection: RawConnection) throws {
    guard level.withLock({ $0 != durability }) else { return }
    try connection.execute(durability == .full ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL")
    level.withLock { $0 = durability }
  }
}
