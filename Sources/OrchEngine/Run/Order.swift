import OrchDomain
import OrchSchedule
package import OrchStore

/// What one `start` asks a run for, and how far it has come.
struct Order: Sendable {
  /// Of the run that was submitted to the daemon; nil for the one that this process was started for.
  let number: Int64?
  let options: RunOptions
  /// The project as this order sees it: its agent and model, and who pays.
  let project: OpenProject
  /// On the clock that never jumps.
  let began: Duration
  var summary = RunSummary()
  /// Tasks that it names and others have started.
  var followed: Set<TaskID> = []
  /// The limit that keeps more from being started, as far as was asked; nil while none does.
  var limitInTheWay: BudgetLevel?

  init(number: Int64?, options: RunOptions, project: OpenProject, began: Duration? = nil) {
    self.number = number
    self.options = options
    self.project = project
    self.began = began ?? project.clock.elapsed()
  }

  /// A run that was submitted to the daemon, perhaps to one that was killed since.
  init(_ run: SubmittedRun, _ project: OpenProject) {
    let options = RunOptions(run.terms)
    let began = project.clock.elapsed() - max(.zero, project.clock.now().since(run.createdAt))
    var own = project
    own.options = options
    own.payer = PayingRun(submitted: run.number, began: began)
    self.init(number: run.number, options: options, project: own, began: began)
    summary.started = run.started
  }

  /// What was submitted and has not ended, oldest first.
  static func open(in project: OpenProject) throws -> [Order] {
    try project.store.read(project.row) { tx throws(StoreError) in try tx.openRuns() }.map { Order($0, project) }
  }

  var isFull: Bool { options.count.map { summary.started.count >= $0 } ?? false }

  /// Whether one of the tasks that it names has not been started by anybody; true for one that names none.
  func waits() throws -> Bool {
    guard let ids = options.tasks else { return true }
    return try ids.contains { [.blocked, .ready].contains(try project.task($0).state) }
  }

  /// The tasks that it may start; nil for any.
  func selection() throws -> Set<TaskID>? {
    options.isSelective ? try project.selection(options) : nil
  }
}

/// Which order a frontier is narrowed to.
enum Selected: Hashable, Sendable {
  case nobody
  /// - Parameter index: In the list of orders.
  case order(Int)
}

extension RunOptions {
  package init(_ terms: SubmittedRun.Terms) {
    self.init(
      tasks: terms.tasks, module: terms.module, count: terms.count, maxParallel: terms.maxParallel, agent: terms.agent,
      model: terms.model, maxDuration: terms.maxDuration, maxCost: terms.maxCost)
  }

  /// What is kept of them when they are submitted to the daemon.
  package var terms: SubmittedRun.Terms {
    var terms = SubmittedRun.Terms()
    terms.tasks = tasks
    terms.module = modules.first
    terms.count = count
    terms.maxParallel = maxParallel
    terms.agent = agent
    terms.model = model
    terms.maxDuration = maxDuration
    terms.maxCost = maxCost
    return terms
  }
}
