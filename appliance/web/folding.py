"""Templates whose fixed words are written while they are compiled, not at each drawing.

Every page says hundreds of fixed words, each a call of `_('…')`, and draws dozens of icons. There
is one environment per language, so the answer of such a call never changes: it becomes a part of
the compiled template, joined with the text around it.
"""

from collections.abc import Callable
from typing import Any, cast

from jinja2 import Environment, Template, nodes
from jinja2.environment import TemplateModule
from jinja2.runtime import Context
from markupsafe import Markup


class _Template(Template):
    """A template whose macros, imported elsewhere, see the environment's names and no others.

    Jinja compares the names of both sides at each import of each page; here none can be added,
    because pages are never asked for with globals of their own.
    """

    def _get_default_module(self, ctx: Context | None = None) -> TemplateModule:
        return super()._get_default_module()


class FoldingEnvironment(Environment):
    """An environment that answers calls of fixed functions with constant arguments at once.

    Attributes:
        fixed: functions by the name that templates know them by; each gives the same Markup for the
            same arguments as long as the environment lives.
    """

    fixed: dict[str, Callable[..., Markup]]
    template_class = _Template

    def _generate(
        self,
        source: nodes.Template,
        name: str | None,
        filename: str | None,
        defer_init: bool = False,
    ) -> str:
        _fold(source, self.fixed)
        return super()._generate(source, name, filename, defer_init)


def _fold(node: nodes.Node, fixed: dict[str, Callable[..., Markup]]) -> None:
    """Put the answers in place of the calls, in this node and below."""
    for field, value in node.iter_fields():
        if isinstance(value, nodes.Node):
            setattr(node, field, _answered(value, fixed))
        elif isinstance(value, list):
            entries = cast("list[Any]", value)
            entries[:] = [
                _answered(one, fixed) if isinstance(one, nodes.Node) else one for one in entries
            ]


def _answered(node: nodes.Node, fixed: dict[str, Callable[..., Markup]]) -> nodes.Node:
    """Give the node that stands for this one; its own parts are folded."""
    if isinstance(node, nodes.Call) and isinstance(node.node, nodes.Name):
        function = fixed.get(node.node.name)
        plain = not (node.kwargs or node.dyn_args or node.dyn_kwargs)
        if function and plain and all(isinstance(one, nodes.Const) for one in node.args):
            said = function(*(one.value for one in node.args if isinstance(one, nodes.Const)))
            return nodes.TemplateData(str(said), lineno=node.lineno, environment=node.environment)
    _fold(node, fixed)
    return node
