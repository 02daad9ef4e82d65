import CLibCMark

/// A parsed document of cmark-gfm, freed with its owner.
@safe
struct CMarkDocument: ~Copyable {
  private let root: OpaquePointer?

  /// - Parameter bytes: Without NUL. They may be released afterwards: cmark copies.
  init(_ bytes: UnsafeRawBufferPointer, tables: Bool) {
    // No option: in particular, validating UTF-8 would replace bytes and shift columns.
    guard let parser = unsafe cmark_parser_new(0) else {
      unsafe root = nil
      return
    }
    defer { unsafe cmark_parser_free(parser) }
    if tables, CMarkLibrary.isRegistered, let table = unsafe cmark_find_syntax_extension("table") {
      _ = unsafe cmark_parser_attach_syntax_extension(parser, table)
    }
    unsafe cmark_parser_feed(parser, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count)
    unsafe root = cmark_parser_finish(parser)
  }

  /// Lends the root node; the borrow keeps the tree alive, which a plain property would not.
  borrowing func withRoot<Result>(_ body: (OpaquePointer?) -> Result) -> Result { unsafe body(root) }

  deinit { if let root = unsafe root { unsafe cmark_node_free(root) } }
}

/// The parts of cmark-gfm that exist once per process.
enum CMarkLibrary {
  /// Registers the extensions; their registry is only read afterwards, so that threads may parse at once.
  static let isRegistered: Bool = {
    cmark_gfm_core_extensions_ensure_registered()
    return true
  }()

  /// The node type of a table, which the extension is given at run time.
  static let tableType: UInt32 = unsafe Array("a|b\n-|-\n".utf8).withUnsafeBytes {
    let sample = unsafe CMarkDocument($0, tables: true)
    return unsafe sample.withRoot { root in unsafe cmark_node_get_type(cmark_node_first_child(root)).rawValue }
  }
}
