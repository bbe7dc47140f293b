use crate::JavaStr;

/// One object stream with one root, such as `CheckpointProperties`.
///
/// Objects refer to each other by [`JavaRef`], so shared and cyclic ones cost nothing extra.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct JavaStream<'a> {
    pub(super) items: Vec<JavaItem<'a>>,
    pub(super) root: JavaValue,
}

/// Points at an item of the stream it came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JavaRef(pub(super) usize);

/// A field's or an element's value.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum JavaValue {
    /// `null`.
    #[default]
    Null,
    /// `Z`.
    Bool(bool),
    /// `B`.
    Byte(i8),
    /// `C`, one UTF-16 unit.
    Char(u16),
    /// `S`.
    Short(i16),
    /// `I`.
    Int(i32),
    /// `J`.
    Long(i64),
    /// `F`.
    Float(f32),
    /// `D`.
    Double(f64),
    /// A string, object, array, enum constant or class.
    Ref(JavaRef),
}

/// Everything that can be referred to.
#[derive(Clone, Debug, PartialEq)]
pub enum JavaItem<'a> {
    /// Not complete yet: only seen by an object that refers to itself while it is read.
    Pending,
    /// A class descriptor.
    Class(JavaClass<'a>),
    /// A `java.lang.Class` value; its descriptor.
    ClassObject(Option<JavaRef>),
    /// A string.
    String(JavaStr<'a>),
    /// An object.
    Object(JavaObject<'a>),
    /// An array.
    Array(JavaArray<'a>),
    /// An enum constant.
    Enum(JavaEnum),
}

/// A class as the stream describes it.
#[derive(Clone, Debug, PartialEq)]
pub struct JavaClass<'a> {
    /// The binary name; empty for a proxy class.
    pub name: JavaStr<'a>,
    /// `serialVersionUID`.
    pub serial_version_uid: i64,
    /// `SC_*` flags.
    pub flags: u8,
    /// The fields, in the order in which values follow.
    pub fields: Vec<JavaField<'a>>,
    /// The class it extends, if that is serializable.
    pub super_class: Option<JavaRef>,
}

/// A field of a class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JavaField<'a> {
    /// Type letter, as in a JVM signature.
    pub type_code: u8,
    /// The field's name.
    pub name: JavaStr<'a>,
    /// The JVM signature of an object's or array's class, a string.
    pub signature: Option<JavaRef>,
}

/// An object's class and fields, those of super classes first.
#[derive(Clone, Debug, PartialEq)]
pub struct JavaObject<'a> {
    /// The class.
    pub class: JavaRef,
    /// Field names and values.
    pub fields: Vec<(JavaStr<'a>, JavaValue)>,
    /// The values that its `writeObject` methods added, such as a list's elements; raw bytes
    /// among them are not kept.
    pub annotations: Vec<JavaValue>,
}

/// An array.
#[derive(Clone, Debug, PartialEq)]
pub struct JavaArray<'a> {
    /// The array's class.
    pub class: JavaRef,
    /// The elements.
    pub elements: JavaElements<'a>,
}

/// Elements of an array.
#[derive(Clone, Debug, PartialEq)]
pub enum JavaElements<'a> {
    /// Numbers, as they are in the stream (big-endian).
    Primitive(&'a [u8]),
    /// Objects.
    Objects(Vec<JavaValue>),
}

/// An enum constant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JavaEnum {
    /// The enum's class.
    pub class: JavaRef,
    /// The constant's name, a string.
    pub constant: JavaRef,
}

impl<'a> JavaStream<'a> {
    /// The object that was written.
    pub fn root(&self) -> JavaValue {
        self.root
    }

    /// The item that a value refers to; `None` for null and for numbers.
    pub fn item(&self, value: JavaValue) -> Option<&JavaItem<'a>> {
        match value {
            JavaValue::Ref(JavaRef(at)) => self.items.get(at),
            _ => None,
        }
    }

    /// The value as an object.
    pub fn object(&self, value: JavaValue) -> Option<&JavaObject<'a>> {
        match self.item(value)? {
            JavaItem::Object(object) => Some(object),
            _ => None,
        }
    }

    /// The value as a string.
    pub fn string(&self, value: JavaValue) -> Option<JavaStr<'a>> {
        match self.item(value)? {
            JavaItem::String(text) => Some(*text),
            _ => None,
        }
    }

    /// The name of the enum constant that the value is.
    pub fn enum_constant(&self, value: JavaValue) -> Option<JavaStr<'a>> {
        match self.item(value)? {
            JavaItem::Enum(JavaEnum { constant, .. }) => self.string(JavaValue::Ref(*constant)),
            _ => None,
        }
    }

    /// The name of an object's class.
    pub fn class_name(&self, object: &JavaObject<'a>) -> Option<JavaStr<'a>> {
        self.class(object.class).map(|class| class.name)
    }

    /// A class by its reference; `None` for anything else.
    pub fn class(&self, class: JavaRef) -> Option<&JavaClass<'a>> {
        match self.items.get(class.0)? {
            JavaItem::Class(class) => Some(class),
            _ => None,
        }
    }
}

impl JavaObject<'_> {
    /// A field's value; of fields that share a name, the most derived class's.
    pub fn field(&self, name: &str) -> Option<JavaValue> {
        let named = |(field, _): &&(JavaStr<'_>, JavaValue)| field.as_bytes() == name.as_bytes();
        self.fields
            .iter()
            .rev()
            .find(named)
            .map(|&(_, value)| value)
    }
}
