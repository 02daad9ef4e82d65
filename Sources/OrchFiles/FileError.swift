/// Why a file could not be read, written or locked. Every case names the path.
package enum FileError: Error, Hashable, Sendable {
  /// A system call failed; `code` is its errno.
  case system(operation: String, path: String, code: Int32)
  /// Something else than a regular file stands there; it was not opened for reading.
  case notRegular(path: String, kind: FileKind)
  case notDirectory(path: String, kind: FileKind)
  /// The file has more bytes than the caller wants to hold in memory.
  case tooLarge(path: String, limit: Int)
  /// The file's mode has no write bit, or the user may not write to it. Also root respects that.
  case readOnly(path: String)
  /// The file does not have the expected bytes any more; it was left as it is.
  case changed(path: String)
  /// The path leads out of the directory that it must stay in.
  case outside(path: String, root: String)
  case alreadyExists(path: String)
  /// The path has a zero byte, which no file name can have.
  case badPath(path: String)

  /// Whether the file, or a directory above it, isn't there.
  package var isMissing: Bool {
    if case .system(_, _, let code) = self {
      code == SystemCode.noEntry || code == SystemCode.notDirectory
    } else {
      false
    }
  }
}

extension FileError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .system(let operation, let path, let code): "cannot \(operation) '\(path)': \(SystemCode.text(code))"
    case .notRegular(let path, let kind): "'\(path)' is \(kind.words), not a file"
    case .notDirectory(let path, let kind): "'\(path)' is \(kind.words), not a directory"
    case .tooLarge(let path, let limit): "'\(path)' has more than \(limit) bytes, the limit for such a file"
    case .readOnly(let path): "'\(path)' is read-only; run 'chmod u+w' on it to let it be changed"
    case .changed(let path): "'\(path)' was changed by someone else in the meantime; nothing was written, try again"
    case .outside(let path, let root): "'\(path)' leads out of '\(root)' and is left alone"
    case .alreadyExists(let path): "'\(path)' already exists"
    case .badPath(let path): "'\(path.split(separator: "\0").first ?? "")…' is not a possible path: it has a zero byte"
    }
  }
}

/// What stands at a path.
package enum FileKind: String, Hashable, Sendable {
  case regular, directory, link, fifo, socket, device, unknown

  /// With its article, for a sentence.
  package var words: String {
    switch self {
    case .regular: "a file"
    case .directory: "a directory"
    case .link: "a symbolic link"
    case .fifo: "a named pipe"
    case .socket: "a socket"
    case .device: "a device"
    case .unknown: "something unknown"
    }
  }
}
