import CGit2

/// libgit2 as a whole. Loaded by the first repository that is opened, never by starting the program.
enum GitLibrary {
  static func load() throws(GitError) {
    guard let problem = unsafe orch_git2_load() else { return }
    throw unsafe .libraryUnavailable(String(cString: problem))
  }
}

/// Runs one libgit2 call: the one place where its status codes become Swift errors. Returns the non-negative status.
///
/// libgit2 keeps its last error per thread, so the text is read here, before the caller can suspend.
@discardableResult
func git(_ function: StaticString, _ call: () -> CInt) throws(GitError) -> CInt {
  let code = call()
  guard code < 0 else { return code }
  let text = unsafe orch_git_error_last().map { unsafe String(cString: $0.pointee.message) } ?? "no message"
  throw .library(function: "\(function)", code: code, message: text)
}

extension GitError {
  /// Whether libgit2 said that the thing does not exist.
  var isNotFound: Bool {
    if case .library(_, let code, _) = self { return code == GIT_ENOTFOUND.rawValue }
    return false
  }
}

extension GitError {
  /// Whether libgit2 said that no ref can have that name.
  var isBadName: Bool {
    if case .library(_, let code, _) = self { return code == GIT_EINVALIDSPEC.rawValue }
    return false
  }
}

/// One libgit2 object. Released when the value goes out of scope, on every path, also after a throw.
@safe struct GitHandle: ~Copyable {
  let pointer: OpaquePointer
  private let release: (OpaquePointer) -> Void

  /// - Parameter make: Calls `function`, which puts the new object into its argument.
  @safe init(
    _ function: StaticString, release: @escaping (OpaquePointer) -> Void, _ make: (inout OpaquePointer?) -> CInt
  ) throws(GitError) {
    var made: OpaquePointer?
    try git(function) { unsafe make(&made) }
    guard let made = unsafe made else {
      throw .library(function: "\(function)", code: 0, message: "succeeded without a result")
    }
    unsafe pointer = made
    unsafe self.release = release
  }

  deinit { unsafe release(pointer) }
}

/// The object's address without taking the object.
func pointer(of handle: borrowing GitHandle?) -> OpaquePointer? {
  switch handle {
  case .some(let handle): unsafe handle.pointer
  case .none: nil
  }
}

extension git_oid {
  /// Reads 40 hexadecimal digits; anything else is an unknown revision, never a guess.
  init(hex: String) throws(GitError) {
    self.init()
    var text = hex
    let valid = text.withUTF8 { bytes in
      unsafe bytes.withMemoryRebound(to: CChar.self) { unsafe orch_git_oid_parse(&self, $0.baseAddress, $0.count) }
    }
    guard valid else { throw .unknownRevision(hex) }
  }

  var hex: String {
    var characters = [CChar](repeating: 0, count: 40)
    unsafe withUnsafePointer(to: self) { unsafe orch_git_oid_text(&characters, $0) }
    return String(decoding: characters.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  static func same(_ a: git_oid, _ b: git_oid) -> Bool {
    unsafe withUnsafeBytes(of: a) { x in unsafe withUnsafeBytes(of: b) { y in unsafe x.elementsEqual(y) } }
  }
}
