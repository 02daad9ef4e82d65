package import OrchDomain

/// Decides whether worktrees may take more of the disk. Pure.
package struct DiskBudget: Hashable, Sendable {
  /// Bytes of all worktrees of the project, as far as they have been measured.
  package var used: ByteCount
  /// Bytes that are free where worktrees are made; nil when nobody knows.
  package var free: ByteCount?
  /// Nil means no limit.
  package var quota: ByteCount?
  package var minimumFree: ByteCount?

  package init(used: ByteCount, free: ByteCount?, quota: ByteCount?, minimumFree: ByteCount?) {
    self.used = used
    self.free = free
    self.quota = quota
    self.minimumFree = minimumFree
  }

  /// Why no new worktree is made, with what to do about it; nil when one may be.
  package var hold: String? {
    let advice = "`claude-orch cleanup worktrees --reclaim` makes room, and can be undone"
    if let quota, used >= quota {
      return "worktrees take \(used.shown) and [worktree] disk_quota is \(quota.shown); \(advice)"
    }
    if let minimumFree, let free, free < minimumFree {
      return "only \(free.shown) are free and [worktree] min_free_disk is \(minimumFree.shown); \(advice)"
    }
    return nil
  }

  /// How much has to go before there is room again, with some to spare; nil without a limit, zero when there is room.
  package var excess: ByteCount? {
    guard quota != nil || minimumFree != nil else { return nil }
    // A fifth below the limit, so that the very next attempt does not reach it.
    let overQuota = quota.map { used.bytes - $0.bytes / 5 * 4 } ?? 0
    let underFree = minimumFree.flatMap { minimum in free.map { minimum.bytes / 5 * 6 - $0.bytes } } ?? 0
    return hold == nil ? ByteCount(0) : ByteCount(max(0, overQuota, underFree))
  }
}
