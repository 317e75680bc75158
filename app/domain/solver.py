"""Running CP-SAT so that the same model gives the same answer."""

from ortools.sat.python import cp_model

from app.core.problems import Problem


def solve(model: cp_model.CpModel, limit: float) -> cp_model.CpSolver | None:
    """Solve with one worker, a fixed seed and a limit in deterministic time (the same on every machine; a unit is
    some seconds of one core). The full linear relaxation proves the optimum of these models at the root.

    Returns the solver with its solution, or None if there provably is none.
    Raises Problem `search_limit` if neither was found within the limit.
    """
    solver = cp_model.CpSolver()
    solver.parameters.num_search_workers = 1
    solver.parameters.interleave_search = False
    solver.parameters.random_seed = 0
    solver.parameters.max_deterministic_time = limit
    solver.parameters.linearization_level = 2
    status = solver.solve(model)
    if status in {cp_model.OPTIMAL, cp_model.FEASIBLE}:
        return solver
    if status == cp_model.INFEASIBLE:
        return None
    raise Problem("search_limit")
