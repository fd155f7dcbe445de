//! The table that owns the types of one translation unit.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::{Enum, EnumId, Float, Function, Int, QualType, Record, RecordId, Type, TypeId};

/// All types of one translation unit, each stored once.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(from = "Stored", into = "Stored")]
pub struct Types {
    types: Vec<Type>,
    records: Vec<Record>,
    enums: Vec<Enum>,
    ids: HashMap<Type, TypeId>,
}

/// What is written out; the index is rebuilt when read.
#[derive(Serialize, Deserialize)]
struct Stored {
    types: Vec<Type>,
    records: Vec<Record>,
    enums: Vec<Enum>,
}

impl From<Stored> for Types {
    fn from(Stored { types, records, enums }: Stored) -> Types {
        let ids = types.iter().cloned().zip((0..).map(TypeId)).collect();
        Types { types, records, enums, ids }
    }
}

impl From<Types> for Stored {
    fn from(Types { types, records, enums, ids: _ }: Types) -> Stored {
        Stored { types, records, enums }
    }
}

impl Types {
    /// An empty table.
    pub fn new() -> Types {
        Types::default()
    }

    /// The id of this type, which is added if it is new.
    pub fn intern(&mut self, ty: Type) -> TypeId {
        if let Some(&id) = self.ids.get(&ty) {
            return id;
        }
        let id = TypeId(u32::try_from(self.types.len()).expect("fewer than 2^32 types"));
        self.types.push(ty.clone());
        self.ids.insert(ty, id);
        id
    }

    /// Adds a struct or union and its type. It may be completed later through
    /// [`Types::record_mut`], because a record can contain pointers to itself.
    pub fn add_record(&mut self, record: Record) -> (RecordId, TypeId) {
        let id = RecordId(u32::try_from(self.records.len()).expect("fewer than 2^32 records"));
        self.records.push(record);
        (id, self.intern(Type::Record(id)))
    }

    /// Adds an enumeration and its type.
    pub fn add_enum(&mut self, decl: Enum) -> (EnumId, TypeId) {
        let id = EnumId(u32::try_from(self.enums.len()).expect("fewer than 2^32 enumerations"));
        self.enums.push(decl);
        (id, self.intern(Type::Enum(id)))
    }

    /// The type with this id.
    pub fn get(&self, id: TypeId) -> &Type {
        &self.types[id.0 as usize]
    }

    /// The struct or union with this id.
    pub fn record(&self, id: RecordId) -> &Record {
        &self.records[id.0 as usize]
    }

    /// The struct or union with this id, to complete it.
    pub fn record_mut(&mut self, id: RecordId) -> &mut Record {
        &mut self.records[id.0 as usize]
    }

    /// The enumeration with this id.
    pub fn enumeration(&self, id: EnumId) -> &Enum {
        &self.enums[id.0 as usize]
    }

    /// The enumeration with this id, to complete it.
    pub fn enumeration_mut(&mut self, id: EnumId) -> &mut Enum {
        &mut self.enums[id.0 as usize]
    }

    /// Interns an integer type.
    pub fn int(&mut self, int: Int) -> TypeId {
        self.intern(Type::Int(int))
    }

    /// Interns a real floating type.
    pub fn float(&mut self, float: Float) -> TypeId {
        self.intern(Type::Float(float))
    }

    /// Interns a pointer to this type.
    pub fn pointer(&mut self, to: impl Into<QualType>) -> TypeId {
        self.intern(Type::Pointer(to.into()))
    }

    /// The function type this type points to, if it is a pointer to a function.
    pub fn pointed_function(&self, id: TypeId) -> Option<(TypeId, &Function)> {
        let Type::Pointer(to) = self.get(id) else { return None };
        match self.get(to.ty) {
            Type::Function(function) => Some((to.ty, function)),
            _ => None,
        }
    }
}
