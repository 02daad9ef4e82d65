/// What merging two commits gave.
package enum MergeResult: Hashable, Sendable {
  /// The id of the merged tree.
  case clean(tree: String)
  case conflict([MergeConflict])
}

/// One path that needs a decision.
package struct MergeConflict: Hashable, Sendable {
  /// What the two sides did to the path.
  package enum Kind: String, Hashable, Sendable {
    case bothModified = "both_modified"
    case bothAdded = "both_added"
    case deletedByUs = "deleted_by_us"
    case deletedByThem = "deleted_by_them"
    case bothDeleted = "both_deleted"
    /// Added by one side only, where the other side needs the name for a directory or a renamed file.
    case inTheWay = "in_the_way"
    /// Added to a directory that the other side renamed as a whole.
    case addedToRenamedDirectory = "added_to_renamed_directory"
  }

  package var path: String
  package var kind: Kind

  package init(path: String, kind: Kind) {
    self.path = path
    self.kind = kind
  }
}
