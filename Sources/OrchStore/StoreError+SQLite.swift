import GRDB

extension StoreError {
  /// What a failure inside GRDB means for people.
  init(_ error: any Error, path: String) {
    switch error {
    case let error as StoreError: self = error
    case let error as DatabaseError: self.init(error, path: path)
    case let error as RowDecodingError: self = .damaged(path: path, detail: "\(error)")
    default: self = .inputOutput(path: path, detail: "\(error)")
    }
  }

  private init(_ error: DatabaseError, path: String) {
    let message = error.message ?? "no message"
    switch error.resultCode {
    case .SQLITE_BUSY, .SQLITE_LOCKED, .SQLITE_PROTOCOL: self = .busy(path: path)
    case .SQLITE_READONLY: self = .readOnly(path: path)
    case .SQLITE_FULL: self = .full(path: path)
    case .SQLITE_NOTADB: self = .notADatabase(path: path)
    case .SQLITE_CORRUPT, .SQLITE_FORMAT: self = .damaged(path: path, detail: message)
    case .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_AUTH: self = .cannotOpen(path: path, reason: message)
    case .SQLITE_IOERR: self = .inputOutput(path: path, detail: "\(message) (\(error.extendedResultCode.rawValue))")
    default: self = .sqlite(path: path, code: error.extendedResultCode.rawValue, message: message)
    }
  }
}

/// Runs GRDB code; the one place where its errors become ours.
func guarded<T>(_ path: String, _ body: () throws -> T) throws(StoreError) -> T {
  do {
    return try body()
  } catch {
    throw StoreError(error, path: path)
  }
}
