//! Static lists and the folders they are in.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Timestamp;
use serde_json::{Value, json};

use super::leads::LeadId;
use super::values::seconds;

/// A list's or a folder's id.
pub(super) type AssetId = u32;

/// The folder that new lists go to, and its parent. Every instance has them.
const GROUP_LISTS: AssetId = 12;
const DEFAULT_ZONE: AssetId = 5;
const MARKETING_ACTIVITIES: AssetId = 19;

/// The first list's id.
const FIRST_LIST: AssetId = 1001;

/// The only workspace.
const WORKSPACE: &str = "Default";

/// Lists are put into folders of this type alone.
const LIST_FOLDER: &str = "List";

pub(super) struct StaticList {
    pub(super) name: String,
    pub(super) description: Option<String>,
    folder: AssetId,
    /// The program it belongs to, for lists that are not in the lead database.
    pub(super) program: Option<String>,
    created: Timestamp,
    /// A campaign or smart list refers to it, so that it cannot be deleted.
    pub(super) in_use: bool,
    pub(super) members: BTreeSet<LeadId>,
}

/// What a new list is made of.
pub(super) struct NewList<'a> {
    pub(super) name: &'a str,
    pub(super) description: Option<&'a str>,
    pub(super) folder: AssetId,
    pub(super) program: Option<&'a str>,
}

pub(super) struct Folder {
    pub(super) id: AssetId,
    pub(super) name: String,
    pub(super) kind: &'static str,
    parent: AssetId,
    path: String,
    is_system: bool,
    created: Timestamp,
}

pub(super) struct Lists {
    by_id: BTreeMap<AssetId, StaticList>,
    /// Several lists may have a name: one in the lead database, others in programs.
    by_name: HashMap<String, Vec<AssetId>>,
    next: AssetId,
    folders: Vec<Folder>,
}

impl Lists {
    pub(super) fn new(now: Timestamp) -> Self {
        let folder = |id, name: &str, kind, parent, path: &str| Folder {
            id,
            name: name.to_owned(),
            kind,
            parent,
            path: path.to_owned(),
            is_system: true,
            created: now,
        };
        Self {
            by_id: BTreeMap::new(),
            by_name: HashMap::new(),
            next: FIRST_LIST,
            folders: vec![
                folder(DEFAULT_ZONE, "Default", "Zone", 1, "/Lead Database/Default"),
                folder(
                    GROUP_LISTS,
                    "Group Lists",
                    LIST_FOLDER,
                    DEFAULT_ZONE,
                    "/Lead Database/Default/Group Lists",
                ),
                folder(
                    MARKETING_ACTIVITIES,
                    "Marketing Activities",
                    "Marketing Folder",
                    1,
                    "/Marketing Activities",
                ),
            ],
        }
    }

    pub(super) fn add_folder(&mut self, name: &str, now: Timestamp) -> AssetId {
        let last = self.folders.last().map_or(0, |folder| folder.id);
        self.folders.push(Folder {
            id: last + 1,
            name: name.to_owned(),
            kind: LIST_FOLDER,
            parent: DEFAULT_ZONE,
            path: format!("/Lead Database/{WORKSPACE}/{name}"),
            is_system: false,
            created: now,
        });
        last + 1
    }

    pub(super) fn folder(&self, id: AssetId) -> Option<&Folder> {
        self.folders.iter().find(|folder| folder.id == id)
    }

    pub(super) fn folders_named(&self, name: &str) -> impl Iterator<Item = &Folder> {
        self.folders.iter().filter(move |folder| folder.name == name)
    }

    pub(super) fn create(&mut self, list: &NewList<'_>, now: Timestamp) -> AssetId {
        let id = self.next;
        self.next += 1;
        self.by_name.entry(list.name.to_owned()).or_default().push(id);
        let list = StaticList {
            name: list.name.to_owned(),
            description: list.description.map(str::to_owned),
            folder: list.folder,
            program: list.program.map(str::to_owned),
            created: now,
            in_use: false,
            members: BTreeSet::new(),
        };
        self.by_id.insert(id, list);
        id
    }

    pub(super) fn delete(&mut self, id: AssetId) -> Option<StaticList> {
        let list = self.by_id.remove(&id)?;
        if let Some(ids) = self.by_name.get_mut(&list.name) {
            ids.retain(|other| *other != id);
        }
        Some(list)
    }

    pub(super) fn get(&self, id: AssetId) -> Option<&StaticList> {
        self.by_id.get(&id)
    }

    pub(super) fn get_mut(&mut self, id: AssetId) -> Option<&mut StaticList> {
        self.by_id.get_mut(&id)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (AssetId, &StaticList)> {
        self.by_id.iter().map(|(id, list)| (*id, list))
    }

    pub(super) fn named(&self, name: &str) -> impl Iterator<Item = (AssetId, &StaticList)> {
        let ids = self.by_name.get(name).map_or(&[][..], Vec::as_slice);
        ids.iter().filter_map(|id| Some((*id, self.by_id.get(id)?)))
    }

    /// Whether a list of the lead database has this name: it must be unique there.
    pub(super) fn is_taken(&self, name: &str) -> bool {
        self.named(name).any(|(_, list)| list.program.is_none())
    }

    pub(super) fn forget_lead(&mut self, lead: LeadId) {
        for list in self.by_id.values_mut() {
            list.members.remove(&lead);
        }
    }
}

impl Folder {
    /// Whether lists can be put into it.
    pub(super) fn takes_lists(&self) -> bool {
        self.kind == LIST_FOLDER
    }

    pub(super) fn asset(&self) -> Value {
        json!({
            "name": self.name,
            "description": null,
            "createdAt": asset_time(self.created),
            "updatedAt": asset_time(self.created),
            "url": null,
            "folderId": { "id": self.id, "type": "Folder" },
            "folderType": self.kind,
            "parent": { "id": self.parent, "type": "Folder" },
            "path": self.path,
            "isArchive": false,
            "isSystem": self.is_system,
            "accessZoneId": 1,
            "workspace": WORKSPACE,
            "id": self.id,
        })
    }
}

impl StaticList {
    /// As the asset half of the API shows it.
    pub(super) fn asset(&self, id: AssetId) -> Value {
        let mut asset = json!({
            "id": id,
            "name": self.name,
            "createdAt": asset_time(self.created),
            "updatedAt": asset_time(self.created),
            "folder": { "id": self.folder, "type": "Folder" },
            "computedUrl": format!("https://app-sandbox.marketo.com/#ST{id}A1"),
            "workspace": WORKSPACE,
        });
        if let Some(description) = &self.description {
            asset["description"] = description.as_str().into();
        }
        asset
    }

    /// As the lead database shows it.
    pub(super) fn entry(&self, id: AssetId) -> Value {
        let mut entry = json!({
            "id": id,
            "name": self.name,
            "workspaceName": WORKSPACE,
            "createdAt": seconds(self.created),
            "updatedAt": seconds(self.created),
        });
        if let Some(program) = &self.program {
            entry["programName"] = program.as_str().into();
        }
        if let Some(description) = &self.description {
            entry["description"] = description.as_str().into();
        }
        entry
    }

    pub(super) fn membership(&self, id: AssetId) -> Value {
        json!({ "listId": id, "createdAt": seconds(self.created), "updatedAt": seconds(self.created) })
    }
}

/// Assets show their times so: `2021-11-23T22:57:24Z+0000` (recorded).
fn asset_time(instant: Timestamp) -> String {
    seconds(instant) + "+0000"
}
