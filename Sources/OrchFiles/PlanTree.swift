#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Lists the Markdown files below a directory without opening one of them.
package enum PlanTree {
  /// The files and everything that could not be listed, each sorted by path.
  package struct Listing: Hashable, Sendable {
    package var files: [FileStamp] = []
    package var problems: [ScanProblem] = []
    /// Whether the directory to scan exists at all.
    package var exists = true
  }

  /// Bounds of a scan; what lies beyond is a problem, never a crash or a wait.
  package struct Limits: Hashable, Sendable {
    package var depth = 64
    package var entries = 1_000_000
    package init(depth: Int = 64, entries: Int = 1_000_000) {
      self.depth = min(depth, 256)
      self.entries = entries
    }
  }

  /// Lists the files whose names end with `.md`, in all directories whose names don't start with a dot.
  ///
  /// Links are followed when they stay inside the project; every directory is read once, under its own path where
  /// it has one below `directory`.
  ///
  /// - Parameters:
  ///   - root: The project's directory; nothing outside of it is read.
  ///   - directory: Where to start, relative to `root`, such as `docs/plans`; empty for the root itself.
  /// - Throws: Only when `root` itself can't be resolved.
  package static func scan(
    root: String, directory: String, limits: Limits = Limits()
  ) throws(FileError) -> Listing {
    let resolvedRoot = try ResolvedPath(root)
    var walk = TreeWalk(root: resolvedRoot, limits: limits)
    walk.start(at: directory)
    walk.listing.files.sort { $0.path < $1.path }
    walk.listing.problems.sort { ($0.path, $0.kind.rawValue) < ($1.path, $1.kind.rawValue) }
    return walk.listing
  }
}

/// The state of one scan.
private struct TreeWalk {
  var listing = PlanTree.Listing()
  private let root: ResolvedPath
  /// The directory where the scan started.
  private var top: ResolvedPath
  private let limits: PlanTree.Limits
  private var entriesLeft: Int
  private var visited: Set<DirectoryIdentity> = []
  /// Links to directories, read after everything that has a path of its own.
  private var links: [String] = []

  private struct DirectoryIdentity: Hashable {
    var device: UInt64
    var inode: UInt64
  }

  init(root: ResolvedPath, limits: PlanTree.Limits) {
    self.root = root
    top = root
    self.limits = limits
    entriesLeft = limits.entries
  }

  mutating func start(at directory: String) {
    let full = directory.isEmpty ? root.text : root.text + "/" + directory
    let resolved: ResolvedPath
    do { resolved = try ResolvedPath(full) } catch {
      listing.exists = false
      if !error.isMissing { report(.unreadable, directory, "\(error)") }
      return
    }
    guard resolved.isInside(root) else {
      report(.linkOutside, directory, "it is a link to '\(resolved.text)', outside the project")
      return
    }
    top = resolved
    openAndRead(resolved.text, path: directory, depth: 0)
    var done = 0
    while done < links.count {
      let batch = links[done...].sorted()
      done = links.count
      for link in batch { follow(link) }
    }
  }

  private mutating func follow(_ link: String) {
    do {
      openAndRead(try ResolvedPath(root.text + "/" + link).text, path: link, depth: link.utf8.count { $0 == 0x2F })
    } catch { report(.brokenLink, link, "\(error)") }
  }

  private mutating func openAndRead(_ full: String, path: String, depth: Int) {
    do {
      let file = try Descriptor(open: full, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, operation: "list", shown: path)
      read(file, path: path, depth: depth)
    } catch { report(.unreadable, path, "\(error)") }
  }

  /// Recursion is bounded by `limits.depth`, and with it the number of open descriptors.
  private mutating func read(_ file: consuming Descriptor, path: String, depth: Int) {
    let status: FileStatus
    do { status = try file.status(of: path) } catch {
      report(.unreadable, path, "\(error)")
      return
    }
    guard visited.insert(DirectoryIdentity(device: status.device, inode: status.inode)).inserted else {
      report(.linkedTwice, path, "it is a link to a directory that is read under another path")
      return
    }
    let number = file.relinquish()
    guard let stream = fdopendir(number) else {
      report(.unreadable, path, "cannot list it: \(SystemCode.text(errno))")
      close(number)
      return
    }
    defer { closedir(stream) }
    while true {
      errno = 0
      guard let entry = readdir(stream) else {
        if errno != 0 { report(.unreadable, path, "cannot list all of it: \(SystemCode.text(errno))") }
        return
      }
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
      if name.first == UInt8(ascii: ".") { continue }
      entriesLeft -= 1
      guard entriesLeft >= 0 else {
        if entriesLeft == -1 { report(.tooMany, path, "there are more than \(limits.entries) entries") }
        return
      }
      take(name, type: Int32(entry.pointee.d_type), in: number, path: path, depth: depth)
    }
  }

  private mutating func take(_ name: [UInt8], type: Int32, in directory: Int32, path: String, depth: Int) {
    let isMarkdown = name.count > 3 && name.suffix(3).elementsEqual(".md".utf8)
    // The cheap answer first: most file systems say here what an entry is.
    if !isMarkdown, type == Int32(DT_REG) || type == Int32(DT_FIFO) || type == Int32(DT_SOCK) { return }
    guard let text = String(validating: name, as: UTF8.self) else {
      let shown = join(path, String(decoding: name, as: UTF8.self))
      if isMarkdown || type == Int32(DT_DIR) { report(.nameNotUTF8, shown, "its name is not UTF-8") }
      return
    }
    let child = join(path, text)
    do {
      let status = try FileStatus(path: text, at: directory, following: false, shown: child)
      switch status.kind {
      case .regular: if isMarkdown { listing.files.append(FileStamp(path: child, status, isLink: false)) }
      case .directory:
        if isMarkdown {
          report(.notAFile, child, "it is a directory with the name of a Markdown file")
        } else if depth + 1 > limits.depth {
          report(.tooDeep, child, "it is more than \(limits.depth) directories deep")
        } else {
          let file = try Descriptor(
            open: text, at: directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, operation: "list", shown: child)
          read(file, path: child, depth: depth + 1)
        }
      case .link: takeLink(child, isMarkdown: isMarkdown, depth: depth)
      case let kind: if isMarkdown { report(.notAFile, child, "it is \(kind.words)") }
      }
    } catch { if !error.isMissing { report(.unreadable, child, "\(error)") } }
  }

  private mutating func takeLink(_ path: String, isMarkdown: Bool, depth: Int) {
    do {
      let target = try ResolvedPath(root.text + "/" + path)
      let status = try FileStatus(path: target.text, following: false, shown: path)
      guard isMarkdown || status.kind == .directory else { return }
      guard target.isInside(root) else {
        report(.linkOutside, path, "it is a link to '\(target.text)', outside the project")
        return
      }
      switch status.kind {
      case .regular: listing.files.append(FileStamp(path: path, status, isLink: true))
      case .directory where isMarkdown:
        report(.notAFile, path, "it is a link to a directory with the name of a Markdown file")
      case .directory:
        if top.isInside(target) {
          report(.linkedTwice, path, "it is a link to a directory that contains the plans themselves")
        } else if depth + 1 > limits.depth {
          report(.tooDeep, path, "it is more than \(limits.depth) directories deep")
        } else {
          links.append(path)
        }
      case let kind: report(.notAFile, path, "it is a link to \(kind.words)")
      }
    } catch { report(.brokenLink, path, "\(error)") }
  }

  private func join(_ path: String, _ name: String) -> String { path.isEmpty ? name : path + "/" + name }

  private mutating func report(_ kind: ScanProblem.Kind, _ path: String, _ detail: String) {
    // A tree of nothing but problems must not fill the memory either.
    guard listing.problems.count < 10_000 else { return }
    listing.problems.append(ScanProblem(kind: kind, path: path, detail: detail))
  }
}
