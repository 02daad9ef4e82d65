import CGit2

/// The objects and refs of one repository through libgit2. Touches no index and no working file.
///
/// Not Sendable, because a libgit2 repository may not be used from two threads at once: it lives inside an actor.
@safe struct GitDatabase: ~Copyable {
  private let handle: GitHandle
  /// Names the commits at which a shallow clone ends.
  let shallowFile: String

  /// - Parameter directory: The repository's common directory, found and checked before.
  init(commonDirectory directory: String) throws(GitError) {
    shallowFile = directory + "/shallow"
    handle = try Self.open(directory)
  }

  private static func open(_ directory: String) throws(GitError) -> GitHandle {
    try GitLibrary.load()
    do {
      let handle = try GitHandle("git_repository_open_ext", release: { unsafe orch_git_repository_free($0) }) {
        unsafe orch_git_repository_open_ext(&$0, directory, GIT_REPOSITORY_OPEN_NO_SEARCH.rawValue, nil)
      }
      // libgit2 looks for attributes in the index, and cannot read one that is split or sparse.
      let none = try GitHandle("git_index_new", release: { unsafe orch_git_index_free($0) }) {
        unsafe orch_git_index_new(&$0)
      }
      try git("git_repository_set_index") { unsafe orch_git_repository_set_index(handle.pointer, none.pointer) }
      return handle
    } catch {
      if case .library(_, let code, _) = error, code == GIT_EOWNER.rawValue { throw .unsafeOwner(path: directory) }
      throw error
    }
  }

  var repository: OpaquePointer { unsafe handle.pointer }

  func commit(_ id: String) throws(GitError) -> GitHandle {
    var oid = try git_oid(hex: id)
    do {
      return try GitHandle("git_commit_lookup", release: { unsafe orch_git_commit_free($0) }) {
        unsafe orch_git_commit_lookup(&$0, repository, &oid)
      }
    } catch {
      throw error.isNotFound ? .unknownRevision(id) : error
    }
  }

  func tree(_ oid: git_oid) throws(GitError) -> GitHandle {
    var oid = oid
    return try GitHandle("git_tree_lookup", release: { unsafe orch_git_tree_free($0) }) {
      unsafe orch_git_tree_lookup(&$0, repository, &oid)
    }
  }

  func tree(ofCommit id: String) throws(GitError) -> GitHandle {
    let commit = try commit(id)
    return try GitHandle("git_commit_tree", release: { unsafe orch_git_tree_free($0) }) {
      unsafe orch_git_commit_tree(&$0, commit.pointer)
    }
  }

  func treeID(ofCommit id: String) throws(GitError) -> git_oid {
    let commit = try commit(id)
    guard let oid = unsafe orch_git_commit_tree_id(commit.pointer) else { throw .unknownRevision(id) }
    return unsafe oid.pointee
  }

  func blob(_ oid: git_oid) throws(GitError) -> GitHandle {
    var oid = oid
    return try GitHandle("git_blob_lookup", release: { unsafe orch_git_blob_free($0) }) {
      unsafe orch_git_blob_lookup(&$0, repository, &oid)
    }
  }

  func bytes(ofBlob oid: git_oid) throws(GitError) -> [UInt8] {
    let blob = try blob(oid)
    let size = unsafe Int(orch_git_blob_rawsize(blob.pointer))
    guard size > 0, let start = unsafe orch_git_blob_rawcontent(blob.pointer) else { return [] }
    return unsafe Array(UnsafeRawBufferPointer(start: start, count: size))
  }

  /// The size of a blob without reading it.
  func size(ofBlob oid: git_oid) throws(GitError) -> Int {
    let odb = try GitHandle("git_repository_odb", release: { unsafe orch_git_odb_free($0) }) {
      unsafe orch_git_repository_odb(&$0, repository)
    }
    var oid = oid
    var size = 0
    var kind = GIT_OBJECT_ANY
    try git("git_odb_read_header") { unsafe orch_git_odb_read_header(&size, &kind, odb.pointer, &oid) }
    return size
  }

  func writeBlob(_ bytes: [UInt8]) throws(GitError) -> git_oid {
    var oid = git_oid()
    try git("git_blob_create_from_buffer") {
      unsafe bytes.withUnsafeBytes {
        unsafe orch_git_blob_create_from_buffer(&oid, repository, $0.baseAddress, $0.count)
      }
    }
    return oid
  }

  func blobBytes(_ id: String) throws(GitError) -> [UInt8] { try bytes(ofBlob: git_oid(hex: id)) }

  /// A full commit id in lower case; nil for anything that is not 40 hexadecimal digits.
  static func normalised(_ id: String) -> String? {
    guard id.utf8.count == 40, id.utf8.allSatisfy({ $0 < 0x80 && Character(Unicode.Scalar($0)).isHexDigit }) else {
      return nil
    }
    return id.lowercased()
  }
}
