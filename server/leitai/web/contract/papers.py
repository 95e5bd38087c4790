"""Blueprints and papers, for those who set, review and seal them."""

from leitai.rules.rights import Act
from leitai.web.contract.table import Operation, Query
from leitai.wire import paper_bodies as bodies

_BLUEPRINT = ("blueprint-empty", "blueprint-too-large", "blueprint-bad-line", "blueprint-bad-worth")


def _operation(
    name: str,
    method: str,
    path: str,
    about: str,
    answer: type,
    act: Act,
    refusals: tuple[str, ...] = (),
    *,
    request: type | None = None,
    status: int = 200,
    queries: tuple[Query, ...] = (),
) -> Operation:
    return Operation(
        name,
        method,
        path,
        "staff",
        about,
        answer,
        ("forbidden", *refusals, "store-unavailable"),
        status=status,
        request=request,
        queries=queries,
        signed_in=True,
        act=act,
    )


PAPERS: tuple[Operation, ...] = (
    _operation(
        "blueprints",
        "GET",
        "/api/staff/blueprints",
        "The blueprints that are kept, and that of the rules.",
        bodies.BlueprintsBody,
        Act.ASSEMBLE_PAPER,
    ),
    _operation(
        "blueprint_save",
        "POST",
        "/api/staff/blueprints",
        "Keep a blueprint.",
        bodies.BlueprintSaved,
        Act.ASSEMBLE_PAPER,
        ("bad-request", "not-found", "paper-stale", *_BLUEPRINT),
        request=bodies.SaveBlueprintRequest,
        status=201,
    ),
    _operation(
        "paper_feasibility",
        "POST",
        "/api/staff/papers/feasibility",
        "Whether the bank can fill a blueprint now, and every shortage. Nothing is made.",
        bodies.FeasibilityBody,
        Act.ASSEMBLE_PAPER,
        ("bad-request", *_BLUEPRINT),
        request=bodies.BlueprintBody,
    ),
    _operation(
        "papers",
        "GET",
        "/api/staff/papers",
        "The papers and where they stand, the newest 200 first. Nothing of their questions.",
        bodies.PapersBody,
        Act.SEE_PAPERS,
    ),
    _operation(
        "paper_assemble",
        "POST",
        "/api/staff/papers",
        "Assemble a paper from a blueprint and a seed.",
        bodies.PaperMade,
        Act.ASSEMBLE_PAPER,
        ("bad-request", "paper-not-feasible", *_BLUEPRINT),
        request=bodies.AssembleRequest,
        status=201,
    ),
    _operation(
        "paper_record",
        "GET",
        "/api/staff/papers/{paper}",
        "What was done with a paper and who looked at its questions. Nothing of its questions.",
        bodies.PaperRecordBody,
        Act.SEE_PAPERS,
        ("not-found",),
    ),
    _operation(
        "paper_pages",
        "GET",
        "/api/staff/papers/{paper}/items",
        "The questions on a paper that is not sealed: for whoever made it, and for reviewers once it is in review. "
        "Every look is in the audit, a refused one too.",
        bodies.PaperPagesBody,
        Act.READ_PAPER,
        ("not-found", "paper-sealed"),
    ),
    _operation(
        "paper_fits",
        "GET",
        "/api/staff/papers/{paper}/items/{item}/fits",
        "Questions that could take an item's place, 50 at most. In the audit as a look.",
        bodies.FitsBody,
        Act.ASSEMBLE_PAPER,
        ("bad-request", "not-found", "paper-sealed"),
        queries=(Query("text", "What stem or options contain.", {"type": "string", "maxLength": 50}),),
    ),
    _operation(
        "paper_replace",
        "POST",
        "/api/staff/papers/{paper}/replace",
        "Replace an item by a chosen question or the next by lot; the reason stays in the paper.",
        bodies.PaperMoved,
        Act.ASSEMBLE_PAPER,
        (
            "bad-request",
            "not-found",
            "paper-sealed",
            "paper-not-now",
            "paper-stale",
            "paper-reason-missing",
            "paper-no-other",
            "paper-unfit",
        ),
        request=bodies.ReplaceRequest,
    ),
    _operation(
        "paper_act",
        "POST",
        "/api/staff/papers/{paper}/acts",
        "Submit a paper for review, approve it, send it back, or seal it once two have approved it. Whoever made or "
        "changed it approves nothing; from the sealing on nobody reads it.",
        bodies.PaperMoved,
        Act.READ_PAPER,
        (
            "bad-request",
            "not-found",
            "paper-not-now",
            "paper-stale",
            "paper-own-work",
            "paper-approved-before",
            "paper-reason-missing",
        ),
        request=bodies.PaperActRequest,
    ),
)
