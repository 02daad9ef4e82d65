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
      try queue.writeWithoutTransaction { db in try adopt(RawConnection(db)) }
      return queue
    }
  }

  /// As ``open()``, without GRDB.
  func openDirectly() throws(StoreError) -> DirectConnection {
    try prepareFile()
    return try guarded(path) {
      let connection = try DirectConnection(
        path: path, writes: access == .brief, patience: Int32(clamping: busyTimeout.wholeMilliseconds))
      try connection.alone { _, connection in
        // GRDB sees to it for the other.
        if mayWrite { try connection.execute("PRAGMA foreign_keys = ON; \(Self.settings)") }
        try adopt(connection)
      }
      return connection
    }
  }

  private var mayWrite: Bool { access == .readWrite || access == .brief }

  /// How every connection is set that may write.
  private static var settings: String {
    // To bring the log back into the file waits for the disk two times while every other write waits, too. A log of
    // 16 MB is read in milliseconds after a kill, and no commit is less durable for it than ``Store/Durability`` says.
    let common = """
      PRAGMA synchronous = NORMAL; PRAGMA cache_size = -4000; PRAGMA temp_store = MEMORY;
      PRAGMA wal_autocheckpoint = 4000
      """
    #if canImport(Darwin)
      // fsync on this system stops at the cache of the drive.
      return common + "; PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON"
    #else
      return common
    #endif
  }

  private var configuration: Configuration {
    var configuration = Configuration()
    configuration.label = "OrchStore"
    configuration.readonly = access == .readOnly
    configuration.busyMode = .timeout(max(0, busyTimeout.inSeconds))
    configuration.prepareDatabase { db in try RawConnection(db).execute(Self.settings) }
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
    guard mayWrite else { throw .missing(path: path) }
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
  private func adopt(_ connection: RawConnection) throws {
    let found = try connection.inTransaction(.deferred) { try FileIdentity(connection) }
    guard try isBehind(found) else { return }
    if found.isEmpty { try enterWAL(connection) }
    try migrate(connection)
  }

  /// Whether the file has to be brought to the current schema, which it may be.
  private func isBehind(_ identity: FileIdentity) throws(StoreError) -> Bool {
    if identity.isOurs, identity.version == Store.schemaVersion { return false }
    guard identity.isOurs || identity.isEmpty else { throw StoreError.foreign(path: path) }
    guard identity.version <= Store.schemaVersion else {
      throw StoreError.newerSchema(path: path, found: identity.version, known: Store.schemaVersion)
    }
    guard mayWrite else {
      throw identity.isEmpty
        ? StoreError.missing(path: path)
        : StoreError.olderSchema(path: path, found: identity.version, known: Store.schemaVersion)
    }
    return true
  }

  /// The mode is kept in the file, so this happens once in its life.
  ///
  /// SQLite does not call the busy handler here, so two processes that create the same file would fail at once.
  private func enterWAL(_ connection: RawConnection) throws {
    let clock = ContinuousClock()
    let deadline = clock.now + busyTimeout
    while true {
      do {
        let mode = try connection.text("PRAGMA journal_mode = WAL")
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
  private func migrate(_ connection: RawConnection) throws {
    try connection.inTransaction(.immediate) {
      // Another process may have done it while this one waited for the lock.
      let found = Int(try connection.integer("PRAGMA user_version"))
      guard found <= Store.schemaVersion else {
        throw StoreError.newerSchema(path: path, found: found, known: Store.schemaVersion)
      }
      guard found < Store.schemaVersion else { return }
      if found == 0 {
        try connection.execute(Migration.newest)
      } else {
        for migration in Migration.all where migration.version > found { try connection.execute(migration.sql) }
      }
      try connection.execute(
        "PRAGMA application_id = \(FileIdentity.applicationID); PRAGMA user_version = \(Store.schemaVersion)")
    }
  }
}
