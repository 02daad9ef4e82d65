extension GitRepository {
  /// The paths of all checkouts of a branch, the main one first.
  package func checkouts(of branch: String) throws(GitError) -> [String] {
    let ref = try database.finalName(ofRef: GitPath.branchRef(branch))
    return try allCheckouts().filter { $0.headRef == ref && !$0.info.isPrunable }.map(\.info.path)
  }

  /// Moves a branch forward together with every checkout of it, as a fast-forward that git itself would call safe.
  ///
  /// What a person has uncommitted survives byte for byte; where it is in the way, nothing moves and the answer says
  /// what is. Being killed at any point leaves a state from which the same call, repeated, reaches the same end.
  ///
  /// - Parameter edits: Files that the new commits change by one small edit each. Where a person has changed such a
  ///   file, it gets the edit in place, instead of being in the way.
  package func advance(
    branch: String, from old: String, to new: String, message: String, edits: [WorkingFileEdit] = []
  ) async throws(GitError) -> AdvanceResult {
    try await exclusively { repository throws(GitError) in
      let ref = try repository.database.finalName(ofRef: GitPath.branchRef(branch))
      guard try repository.database.isAncestor(old, of: new) else {
        throw .notAFastForward(branch: branch, from: old, to: new)
      }
      let request = AdvanceRequest(ref: ref, from: old, to: new, message: message, edits: edits)
      let journal = try await AdvanceJournal.hold(repository.location.commonDirectory)
      defer { journal.release() }
      if journal.unfinished != nil {
        // Whose lock it is, is told by which git processes run: ours must not be taken for one that was left behind.
        await repository.endTransactions()
        try await journal.clearLeftovers(commonDirectory: repository.location.commonDirectory)
      }
      if let earlier = journal.unfinished, earlier.ref != ref || earlier.new != new {
        try await repository.takeBack(earlier)
        try journal.end()
      }
      let result = try await repository.advance(request, journal: journal)
      if case .raced = result { try journal.end() }
      return result
    }
  }

  /// The ref whose move was begun and has not ended; nil when there is none.
  package func unfinishedAdvance() throws(GitError) -> String? {
    try AdvanceJournal.noted(location.commonDirectory)?.ref
  }

  /// Takes back what an advance that was killed had done to the checkouts, when another one comes instead of its
  /// repetition: else its files would be in the way of everything, as if a person had put them there.
  private func takeBack(_ earlier: AdvanceJournal.Entry) async throws(GitError) {
    guard let current = try database.commit(ofRef: earlier.ref), current != earlier.new,
      try database.isAncestor(current, of: earlier.new)
    else { return }
    let forth = try database.changes(from: current, to: earlier.new, renames: false)
    let back = try database.changes(from: earlier.new, to: current, renames: false)
    for checkout in try allCheckouts() where checkout.headRef == earlier.ref && checkout.isLinked {
      // Finding our own lock, this undoes files that were written while the index was not.
      var half = CheckoutUpdate(
        checkout, runner: runner, from: current, to: earlier.new, changes: forth, ignoresCase: ignoresCase, edits: [])
      try await take(&half, applying: false)
      // And this, where the index had been written too, both; elsewhere it finds nothing to do.
      var whole = CheckoutUpdate(
        checkout, runner: runner, from: earlier.new, to: current, changes: back, ignoresCase: ignoresCase, edits: [])
      try await take(&whole, applying: true)
    }
  }

  /// Prepares an update, applies it if nothing is in the way, and gives the index back in every case.
  private func take(_ update: inout CheckoutUpdate, applying: Bool) async throws(GitError) {
    do throws(GitError) {
      let hold = try await update.prepare()
      if applying, hold == nil { _ = try await update.apply() } else { try update.release() }
    } catch {
      try update.release()
      throw error
    }
  }

  private struct AdvanceRequest: Sendable {
    var ref: String
    var from: String
    var to: String
    var message: String
    var edits: [WorkingFileEdit]
  }

  private func advance(_ request: AdvanceRequest, journal: AdvanceJournal) async throws(GitError) -> AdvanceResult {
    let current = try database.commit(ofRef: request.ref)
    let checkouts = try allCheckouts()
    if current == request.to {
      try clearIndexLocks(checkouts, of: request.ref)
      try journal.end()
      return .moved(leftAlone: [])
    }
    guard current == request.from else { return .raced(actual: current) }
    if let hold = Self.hold(on: request.ref, checkouts) { return .waiting(hold) }
    let mine = checkouts.filter { $0.headRef == request.ref && $0.isLinked }
    let place = mine.first?.place ?? self.place
    try journal.begin(AdvanceJournal.Entry(ref: request.ref, new: request.to, gitDirectory: place.gitDirectory))
    do {
      try await prepareRef(request.ref, from: request.from, to: request.to, message: request.message, at: place)
    } catch GitError.lockHeld(let lock) {
      try journal.end()
      return .waiting(BranchHold(path: place.workTree ?? place.gitDirectory, reason: .indexLocked, files: [lock]))
    } catch {
      try journal.end()
      let actual = try database.commit(ofRef: request.ref)
      if actual != request.from { return .raced(actual: actual) }
      throw error
    }
    let result: AdvanceResult
    do throws(GitError) {
      result = try await update(mine, request)
      if case .moved = result { try await commitRef() } else { await endTransactions() }
    } catch {
      await endTransactions()
      try journal.end()
      throw error
    }
    try journal.end()
    return result
  }

  /// Updates the checkouts while the branch is locked: all of them, or none.
  private func update(_ checkouts: [Checkout], _ request: AdvanceRequest) async throws(GitError) -> AdvanceResult {
    var updates: [CheckoutUpdate] = []
    do throws(GitError) {
      let now = try allCheckouts().filter { $0.headRef == request.ref && $0.isLinked }
      guard now == checkouts else {
        let path = (now.first ?? checkouts.first)?.info.path ?? location.commonDirectory
        return .waiting(BranchHold(path: path, reason: .checkoutChanged))
      }
      if checkouts.isEmpty { return .moved(leftAlone: []) }
      let changes = try database.changes(from: request.from, to: request.to, renames: false)
      for checkout in checkouts {
        var update = CheckoutUpdate(
          checkout, runner: runner, from: request.from, to: request.to, changes: changes, ignoresCase: ignoresCase,
          edits: request.edits)
        do throws(GitError) {
          let hold = try await update.prepare()
          updates.append(update)
          guard let hold else { continue }
          try release(&updates)
          return .waiting(hold)
        } catch {
          updates.append(update)
          throw error
        }
      }
      var leftAlone: [UneditedFile] = []
      for i in updates.indices { leftAlone += try await updates[i].apply() }
      return .moved(leftAlone: leftAlone)
    } catch {
      try release(&updates)
      throw error
    }
  }

  private func release(_ updates: inout [CheckoutUpdate]) throws(GitError) {
    for i in updates.indices { try updates[i].release() }
  }

  /// After a kill between the last two steps the branch has moved and only our own locks are left.
  private func clearIndexLocks(_ checkouts: [Checkout], of ref: String) throws(GitError) {
    for checkout in checkouts where checkout.headRef == ref {
      let lock = checkout.indexPath + ".lock"
      guard try Posix.info(lock)?.size == CheckoutUpdate.lockText.count,
        try Posix.read(lock, limit: 4096) == CheckoutUpdate.lockText
      else { continue }
      try Posix.remove(checkout.place.gitDirectory + "/orch-index")
      try Posix.remove(checkout.place.gitDirectory + "/orch-index.lock")
      try Posix.remove(lock)
    }
  }

  /// Why the branch must not move now, as far as the checkouts' state says.
  private static func hold(on ref: String, _ checkouts: [Checkout]) -> BranchHold? {
    let branch = CheckoutReader.branchName(ref)
    for checkout in checkouts {
      let info = checkout.info
      let isOnBranch = checkout.headRef == ref
      if isOnBranch, info.isPrunable, info.isLocked { return BranchHold(path: info.path, reason: .notMounted) }
      if info.isPrunable { continue }
      for operation in info.operations {
        if let reason = reason(operation, branch, isOnBranch) { return BranchHold(path: info.path, reason: reason) }
      }
    }
    return nil
  }

  private static func reason(
    _ operation: WorktreeInfo.Operation, _ branch: String, _ isOnBranch: Bool
  ) -> BranchHold.Reason? {
    switch operation {
    case .rebase(let claimed): isOnBranch || claimed == branch ? .rebase : nil
    case .applyingPatches(let claimed): isOnBranch || claimed == branch ? .applyingPatches : nil
    case .bisect(let claimed): isOnBranch || claimed == branch ? .bisect : nil
    case .merge: isOnBranch ? .merge : nil
    case .cherryPick: isOnBranch ? .cherryPick : nil
    case .revert: isOnBranch ? .revert : nil
    }
  }
}
