import GRDB
import OrchDomain

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Opens the file, finds out whose it is, and brings it to the current schema.
struct StoreOpening {
  let path: String
  let access: Store.Access
  let busyTimeout: Duration

  func open() throws(StoreError) -> DatabaseQueue {
    try prepareFile()
    return try guarded(path) {
      let queue = try DatabaseQueue(path: path, configuration: configuration)
      try queue.writeWithoutTransaction { db in try adopt(db) }
      return queue
    }
  }

  /// As ``open()``, for a file that needs nothing done to it.
  func look() throws(StoreError) -> LookingConnection {
    try prepareFile()
    return try guarded(path) {
      let connection = try LookingConnection(path: path, patience: Int32(clamping: busyTimeout.wholeMilliseconds))
      _ = try connection.read { source in try isBehind(try FileIdentity(source)) }
      return connection
    }
  }

  private var configuration: Configuration {
    var configuration = Configuration()
    configuration.label = "OrchStore"
    configuration.readonly = access == .readOnly
    configuration.busyMode = .timeout(max(0, busyTimeout.inSeconds))
    configuration.prepareDatabase { db in
      try db.execute(sql: "PRAGMA synchronous = NORMAL; PRAGMA cache_size = -4000; PRAGMA temp_store = MEMORY")
      #if canImport(Darwin)
        // fsync on this system stops at the cache of the drive.
        try db.execute(sql: "PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON")
      #endif
    }
    return configuration
  }

  /// Creates a missing file for its owner only, before SQLite would create it for everybody.
  private func prepareFile() throws(StoreError) {
    var info = stat()
    if stat(path, &info) == 0 {
      guard info.st_mode & S_IFMT == S_IFREG else {
        throw .cannotOpen(path: path, reason: "it is not a regular file")
      }
      return
    }
    let code = errno
    guard code == ENOENT else { throw .cannotOpen(path: path, reason: String(cString: strerror(code))) }
    guard access == .readWrite else { throw .missing(path: path) }
    let descriptor = Self.create(path)
    guard descriptor >= 0 else {
      let code = errno
      // Another process created it in between: that one is as good as ours.
      if code == EEXIST { return }
      throw .cannotOpen(path: path, reason: String(cString: strerror(code)))
    }
    _ = Self.close(descriptor)
  }

  private static func create(_ path: String) -> Int32 {
    #if canImport(Glibc)
      Glibc.open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0o600)
    #else
      Darwin.open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0o600)
    #endif
  }

  private static func close(_ descriptor: Int32) -> Int32 {
    #if canImport(Glibc)
      Glibc.close(descriptor)
    #else
      Darwin.close(descriptor)
    #endif
  }

  /// Nothing is written to a file before it is known to be ours or empty.
  private func adopt(_ db: Database) throws {
    var found: FileIdentity?
    try db.inTransaction(.deferred) {
      found = try FileIdentity(db)
      return .commit
    }
    guard let found, try isBehind(found) else { return }
    if found.isEmpty { try enterWAL(db) }
    try migrate(db)
  }

  /// Whether the file has to be brought to the current schema, which it may be.
  private func isBehind(_ identity: FileIdentity) throws(StoreError) -> Bool {
    if identity.isOurs, identity.version == Store.schemaVersion { return false }
    guard identity.isOurs || identity.isEmpty else { throw StoreError.foreign(path: path) }
    guard identity.version <= Store.schemaVersion else {
      throw StoreError.newerSchema(path: path, found: identity.version, known: Store.schemaVersion)
    }
    guard access == .readWrite else {
      throw identity.isEmpty
        ? StoreError.missing(path: path)
        : StoreError.olderSchema(path: path, found: identity.version, known: Store.schemaVersion)
    }
    return true
  }

  /// The mode is kept in the file, so this happens once in its life.
  ///
  /// SQLite does not call the busy handler here, so two processes that create the same file would fail at once.
  private func enterWAL(_ db: Database) throws {
    let clock = ContinuousClock()
    let deadline = clock.now + busyTimeout
    while true {
      do {
        let mode = try String.fetchOne(db, sql: "PRAGMA journal_mode = WAL")
        guard mode == "wal" else {
          throw StoreError.cannotOpen(path: path, reason: "its file system does not allow SQLite's WAL mode")
        }
        return
      } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY && clock.now < deadline {
        usleep(2000)
      }
    }
  }

  /// All missing steps in one transaction: another process sees the old schema or the new one.
  private func migrate(_ db: Database) throws {
    try db.inTransaction(.immediate) {
      // Another process may have done it while this one waited for the lock.
      let found = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
      guard found <= Store.schemaVersion else {
        throw StoreError.newerSchema(path: path, found: found, known: Store.schemaVersion)
      }
      guard found < Store.schemaVersion else { return .commit }
      for migration in Migration.all where migration.version > found {
        try db.execute(sql: migration.sql)
      }
      try db.execute(
        sql: "PRAGMA application_id = \(FileIdentity.applicationID); PRAGMA user_version = \(Store.schemaVersion)")
      return .commit
    }
  }
}
