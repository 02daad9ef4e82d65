import OrchConfig

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

extension Doctor {
  func privacy() -> [Finding] {
    place.exposedFiles.map {
      Finding(
        "private files", .warning,
        "others may read or write \($0), which holds secrets; `claude-orch doctor --fix` closes it to them")
    }
  }
}

extension ProjectPlace {
  /// Files with a token, a secret or all that is known, into which not only their owner may look.
  var exposedFiles: [String] {
    let store = ["", "-wal", "-shm"].map { paths.database + $0 }
    return ([DaemonHandshake.path(in: config.stateDir), LinkSecret.path(paths.home)] + store).filter { path in
      var status = stat()
      return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG && status.st_mode & 0o077 != 0
    }
  }
}
