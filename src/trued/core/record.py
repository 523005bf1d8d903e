"""What ``dataclasses`` and ``typing`` give to a definition, without importing either.

Importing the two and having them write a class costs more than all else that a first installation imports:
about a millisecond a class, since each gets half a dozen functions compiled for it. Here a class gets
functions that are written already, and its ``__init__`` is compiled when there are many objects of it.

A type checker sees the originals. At run time the classes behave as those of ``dataclasses`` do, ``fields``,
``asdict`` and ``replace`` of that module included; a test compares the two. Only what trued uses is there.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dataclasses import dataclass, field, replace
    from typing import NamedTuple, Protocol
else:
    from _operator import attrgetter, ge, gt, le, lt

    _MISSING = object()
    _FEW = 12
    """How many objects of a class are made without a function of its own; most classes have no more."""

    class _Field:
        """What is said of one field: its default, what makes one, and where it takes no part."""

        __slots__ = ("compared", "default", "factory", "init", "name", "shown")

        def __init__(self, default=_MISSING, factory=_MISSING, *, init=True, shown=True, compared=True):
            self.name = ""
            self.default = default
            self.factory = factory
            self.init = init
            self.shown = shown
            self.compared = compared

    def field(*, default=_MISSING, default_factory=_MISSING, init=True, compare=True, **shown):
        """Return what :func:`dataclasses.field` does; beside these only ``repr`` may be said."""
        return _Field(default, default_factory, init=init, compared=compare, shown=shown.get("repr", True))

    def dataclass(cls=None, /, *, frozen=False, slots=False, kw_only=False, eq=True, order=False, **shown):
        """Make a data class of *cls*, as :func:`dataclasses.dataclass` does."""

        def made(cls):
            options = {"frozen": frozen, "kw_only": kw_only, "eq": eq, "order": order, **shown}
            return _made(cls, slots=slots, options=options)

        return made if cls is None else made(cls)

    def replace(record, /, **changes):
        """Return a copy of *record* with *changes*; as :func:`dataclasses.replace`."""
        for one in type(record).__record__:
            if not one.init:
                if one.name in changes:
                    raise ValueError(f"field {one.name} is declared with init=False")
            elif one.name not in changes:
                changes[one.name] = getattr(record, one.name)
        return type(record)(**changes)

    def _made(cls, *, slots, options):
        if any("__dataclass_fields__" in base.__dict__ for base in cls.__mro__[1:]):
            raise TypeError(f"{cls.__name__}: a record has no record for a base")
        fields = tuple(_fields_of(cls))
        owner = []
        namespace = dict(cls.__dict__) if slots else {}
        names = tuple(one.name for one in fields)
        if slots:
            for name in ("__dict__", "__weakref__", *names):
                namespace.pop(name, None)
            namespace["__slots__"] = names
        namespace.update(_methods(names, fields, cls, options))
        namespace["__init__"] = _first_init(fields, options, owner)
        if slots:
            cls = type(cls)(cls.__name__, cls.__bases__, namespace)
        else:
            namespace.update((one.name, one.default) for one in fields if one.default is not _MISSING)
            for name, value in namespace.items():
                setattr(cls, name, value)
            for name in [one.name for one in fields if isinstance(cls.__dict__.get(one.name), _Field)]:
                delattr(cls, name)
        owner.append(cls)
        return cls

    def _fields_of(cls):
        for name in cls.__annotations__:
            default = cls.__dict__.get(name, _MISSING)
            one = default if type(default) is _Field else _Field(default)
            one.name = name
            yield one

    def _methods(names, fields, cls, options):
        methods = {
            "__record__": fields,
            "__dataclass_fields__": _Originals(options),
            "__match_args__": () if options["kw_only"] else tuple(one.name for one in fields if one.init),
        }
        values = _values_of(names)
        if options.get("repr", True) and "__repr__" not in cls.__dict__:
            methods["__repr__"] = _shower(tuple(one.name for one in fields if one.shown))
        if options["eq"]:
            compared = tuple(one.name for one in fields if one.compared)
            methods.update(_comparisons(_values_of(compared), options))
        if options["frozen"]:
            methods["__setattr__"], methods["__delattr__"] = _refuse_change, _refuse_removal
            methods["__getstate__"], methods["__setstate__"] = _state_getter(values), _state_setter(names)
        return methods

    def _values_of(names):
        """Return what takes the values of an object, as a tuple."""
        if len(names) > 1:
            return attrgetter(*names)
        return lambda record: tuple([getattr(record, name) for name in names])

    def _comparisons(values, options):
        def equal(self, other):
            return values(self) == values(other) if other.__class__ is self.__class__ else NotImplemented

        def hashed(self):
            return hash(values(self))

        methods = {"__eq__": equal, "__hash__": hashed if options["frozen"] else None}
        if options["order"]:
            for compare in (lt, le, gt, ge):
                methods[f"__{compare.__name__}__"] = _comparison(compare, values)
        return methods

    def _comparison(compare, values):
        def comparison(self, other):
            same = other.__class__ is self.__class__
            return compare(values(self), values(other)) if same else NotImplemented

        return comparison

    def _shower(names):
        def shown(self):
            values = ", ".join([f"{name}={getattr(self, name)!r}" for name in names])
            return f"{self.__class__.__qualname__}({values})"

        return shown

    def _state_getter(values):
        return lambda self: list(values(self))

    def _state_setter(names):
        def set_state(self, state):
            for name, value in zip(names, state, strict=True):
                object.__setattr__(self, name, value)

        return set_state

    def _refuse_change(_, name, __):
        from dataclasses import FrozenInstanceError

        raise FrozenInstanceError(f"cannot assign to field {name!r}")

    def _refuse_removal(_, name):
        from dataclasses import FrozenInstanceError

        raise FrozenInstanceError(f"cannot delete field {name!r}")

    def _first_init(fields, options, owner):
        left = _FEW

        def initialize(self, /, *args, **kwargs):
            nonlocal left
            cls = owner[0]
            left -= 1
            if left > 0 and not args and _are_set(self, fields, kwargs):
                if hasattr(cls, "__post_init__"):
                    self.__post_init__()
                return
            cls.__init__ = _compiled_init(fields, options, cls)
            cls.__init__(self, *args, **kwargs)

        return initialize

    def _are_set(record, fields, kwargs):
        """Set the fields; ``False`` where the arguments do not fit, which a compiled function explains."""
        taken = 0
        for one in fields:
            if one.init and one.name in kwargs:
                value = kwargs[one.name]
                taken += 1
            elif one.factory is not _MISSING:
                value = one.factory()
            elif not one.init:
                continue
            elif one.default is _MISSING:
                return False
            else:
                value = one.default
            object.__setattr__(record, one.name, value)
        return taken == len(kwargs)

    def _compiled_init(fields, options, cls):
        """Return the ``__init__`` that takes *fields*, as ``dataclasses`` writes it."""
        known = {"_absent": _MISSING, "_set": object.__setattr__}
        parameters, lines = [], []
        for number, one in enumerate(fields):
            known[f"_default{number}"], known[f"_factory{number}"] = one.default, one.factory
            value = one.name
            if one.factory is not _MISSING:
                value = f"_factory{number}() if {one.name} is _absent else {one.name}"
                parameters += [f"{one.name}=_absent"] * one.init
            elif one.init:
                parameters.append(one.name if one.default is _MISSING else f"{one.name}=_default{number}")
            if not one.init:
                if one.factory is _MISSING:
                    continue
                value = f"_factory{number}()"
            lines.append(
                f" _set(self, {one.name!r}, {value})" if options["frozen"] else f" self.{one.name} = {value}"
            )
        if hasattr(cls, "__post_init__"):
            lines.append(" self.__post_init__()")
        star = ["*"] if options["kw_only"] and parameters else []
        head = ", ".join(["self", *star, *parameters])
        exec("\n".join([f"def __init__({head}):", *lines, " return None"]), known)  # noqa: S102 - as dataclasses
        return known["__init__"]

    class _Originals:
        """Makes the fields that ``dataclasses`` wants to see, when it asks."""

        def __init__(self, options):
            self._options = options

        def __get__(self, record, owner):
            import dataclasses

            members = {"__annotations__": dict(owner.__annotations__)}
            for one in owner.__record__:
                if one.factory is not _MISSING:
                    said = {"default_factory": one.factory}
                else:
                    said = {} if one.default is _MISSING else {"default": one.default}
                members[one.name] = dataclasses.field(
                    **said, init=one.init, repr=one.shown, compare=one.compared
                )
            kw_only = self._options["kw_only"]
            original = dataclasses.dataclass(kw_only=kw_only)(type(owner.__name__, (), members))
            return original.__dataclass_fields__

    class Protocol:
        """Stands for :class:`typing.Protocol`, which only type checkers need."""

        __slots__ = ()

    class _NamedTupleType(type):
        """Makes a named tuple of the class that names :class:`NamedTuple` as its base."""

        def __new__(cls, name, bases, namespace):
            from collections import namedtuple

            if not bases:
                return super().__new__(cls, name, bases, namespace)
            names = _annotated(namespace)
            defaults = [namespace[one] for one in names if one in namespace]
            base = namedtuple(  # noqa: PYI024 - typing is what is to be spared
                name, names, defaults=defaults, module=namespace["__module__"]
            )
            kept = {key: value for key, value in namespace.items() if key not in names}
            return type(name, (base,), {"__slots__": (), **kept})

    def _annotated(namespace):
        if "__annotations__" in namespace:
            return list(namespace["__annotations__"])
        from annotationlib import Format, call_annotate_function, get_annotate_from_class_namespace

        annotate = get_annotate_from_class_namespace(namespace)
        return list(call_annotate_function(annotate, Format.FORWARDREF))

    class NamedTuple(metaclass=_NamedTupleType):
        """A named tuple, its fields being those that the class annotates; as :class:`typing.NamedTuple`."""


__all__ = ["NamedTuple", "Protocol", "dataclass", "field", "replace"]
